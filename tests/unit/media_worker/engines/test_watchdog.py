from media_worker.engines.watchdog import Watchdog, WatchRules

RULES = WatchRules(silent_s=12.0, restarts=2, restarts_in_window=3, window_s=60.0)


def test_only_so_much_audio_without_a_text_makes_it_stuck() -> None:
    watch = Watchdog(RULES)
    watch.begin()
    assert [watch.fed(4.0) for _ in range(3)] == [False, False, True]


def test_a_text_or_a_new_utterance_begins_the_silence_anew() -> None:
    watch = Watchdog(RULES)
    watch.begin()
    watch.fed(11.0)
    watch.told()
    assert not watch.fed(11.0)
    watch.begin()
    assert not watch.fed(11.0)
    assert watch.fed(1.0)


def test_an_utterance_has_so_many_restarts_and_each_begins_the_silence_anew() -> None:
    watch = Watchdog(RULES)
    watch.begin()
    watch.fed(12.0)
    assert watch.may_restart(0.0)
    assert not watch.fed(11.0)
    assert watch.may_restart(0.0)
    assert not watch.may_restart(0.0)


def test_so_many_in_a_while_whatever_the_utterances() -> None:
    watch = Watchdog(RULES)
    for now in (0.0, 10.0, 20.0):
        watch.begin()
        assert watch.may_restart(now)
    watch.begin()
    assert not watch.may_restart(59.9)
    assert watch.may_restart(60.0)
    assert not watch.may_restart(60.1)
