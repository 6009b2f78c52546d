import { render } from "preact";
import { Console } from "./shell.tsx";

const place = document.getElementById("console");
if (place) render(<Console />, place);
