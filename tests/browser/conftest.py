"""Chromium on a stack of its own, with a microphone that hears a customer's sentence again and again."""

from __future__ import annotations

import shutil
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Playwright, async_playwright

from local import stack as local_stack
from local import voices
from local.progress import Progress
from local.stack import Stack
from media_worker.engines.embedded.bandwidth import WIDE_HZ
from media_worker.engines.embedded.synthesis import speak
from tests.browser.pages import opened

SENTENCE = "Hello, I have a question about my order."
_PAUSE_S = 2.0
# In a container there is little shared memory.
_SAMPLES = ("--disable-dev-shm-usage", "--use-fake-device-for-media-stream", "--autoplay-policy=user-gesture-required")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stack(pytestconfig: pytest.Config) -> AsyncIterator[Stack]:
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")
    assert capture is not None
    with capture.global_and_fixture_disabled():
        progress = Progress()
        progress.say()
        coming = local_stack.up(progress, name="browser")
        running = await coming.__aenter__()
    try:
        yield running
    finally:
        await coming.__aexit__(None, None, None)


@pytest.fixture(scope="session")
def microphone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pause, the sentence, a pause; the browser begins anew at its end."""
    pause = np.zeros(int(_PAUSE_S * WIDE_HZ), dtype=np.float32)
    sound = np.concatenate([pause, speak(voices.CUSTOMER, SENTENCE), pause])
    path = tmp_path_factory.mktemp("microphone") / "customer.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(WIDE_HZ)
        file.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
    return path


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def playwright() -> AsyncIterator[Playwright]:
    async with async_playwright() as running:
        yield running


@asynccontextmanager
async def chromium(playwright: Playwright, *arguments: str) -> AsyncIterator[Browser]:
    path = shutil.which("chromium")
    assert path, "there is no chromium; `make test-browser` installs it"
    browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox", *_SAMPLES, *arguments])
    try:
        yield browser
    finally:
        await browser.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(playwright: Playwright, microphone: Path) -> AsyncIterator[Browser]:
    heard = f"--use-file-for-fake-audio-capture={microphone}"
    async with chromium(playwright, "--use-fake-ui-for-media-stream", heard) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, stack: Stack) -> AsyncIterator[Page]:
    async with opened(browser, stack) as shown:
        yield shown
