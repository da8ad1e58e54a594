"""<Say>, <Play>, <Pause> and <Redirect>, and the documents that may hold nothing else.

These are what somebody hears who waits in a room or a queue or is on hold, and announcements. Such an
address may also answer with a sound file. https://www.twilio.com/docs/voice/twiml/conference#waiturl
"""

import asyncio
from collections.abc import Callable, Mapping

import av

from fake_twilio.calls import LivingCall, Script
from fake_twilio.sounds import Clip, Sound
from fake_twilio.twiml import TwimlError, Verb
from fake_twilio.twiml_run import Step, TwimlRun, decode_sound
from fake_twilio.webhooks import Hook, WebhookFailed


async def say(run: TwimlRun, verb: Verb) -> None:
    """<Say> and <Play>; a loop of 0 goes on until somebody hangs up."""
    await run.call.answer()
    clip = await run.read_prompt(verb)
    if clip is None:
        return
    loops = verb.number("loop", 1)
    played = 0
    while loops == 0 or played < loops:
        clip.position = 0
        await run.play(clip)
        played += 1


async def pause(run: TwimlRun, verb: Verb) -> None:
    """Silence; as the first verb it also delays the answer."""
    await run.call.wait(asyncio.sleep(verb.number("length", 1)))


async def redirect(run: TwimlRun, verb: Verb) -> Script | None:
    hook = Hook(verb.text, verb.get("method", "POST"))
    return Script(hook.under(run.hook.url) if run.hook else hook)


VERBS: dict[str, Step] = {"Pause": pause, "Play": say, "Redirect": redirect, "Say": say}


class PromptRun(TwimlRun):
    """Plays what an address answers to `hear`; the call itself is neither answered nor ended by it."""

    def __init__(
        self,
        call: LivingCall,
        hear: Callable[[Sound | None], None],
        verbs: Mapping[str, Step] = VERBS,
        params: Callable[[], Mapping[str, str]] = dict,
    ) -> None:
        super().__init__(call, verbs)
        self.hear = hear
        self.params = params

    async def play_all(self, hook: Hook, *, loops_files: bool = False) -> bool:
        """To the end of the documents; whether each could be fetched and understood.

        That a file goes on from its start while somebody waits is assumed, not documented.
        """
        script: Script | None = Script(hook)
        try:
            while script is not None and script.hook is not None:
                answer = await self.ask(script.hook, {**self.params(), **script.params})
                if answer.content_type.startswith("audio/"):
                    await self.play_file(decode_sound(answer.body), loops_files)
                    return True
                script = await self.follow(self.parse(answer.body))
        except (WebhookFailed, TwimlError) as failure:
            self.note(failure.code, failure.message, hook)
            return False
        except (av.FFmpegError, IndexError):
            self.note(12300, "Invalid Content-Type: the file cannot be played", hook)
            return False
        return True

    async def play_file(self, clip: Clip, loops: bool) -> None:
        await self.play(clip)
        while loops:
            clip.position = 0
            await self.play(clip)

    async def play(self, clip: Clip) -> None:
        self.hear(clip)
        try:
            await self.call.wait(asyncio.sleep(clip.seconds))
        finally:
            self.hear(None)
