import { defineConfig } from "vite";

// Everything comes from one origin and from nowhere else; nothing is inlined, so that the policy of the page can be strict.
export default defineConfig({
  base: "./",
  build: {
    outDir: "../.local/built/console",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});
