from media_worker.engines.circuit import Circuit, CircuitRules

RULES = CircuitRules(failures=3, open_s=30.0)


def opened(at: float = 0.0) -> Circuit:
    circuit = Circuit(RULES)
    for _ in range(3):
        circuit.failed(at)
    return circuit


def test_it_opens_after_so_many_failures_in_a_row_and_says_so_once() -> None:
    circuit = Circuit(RULES)
    assert [circuit.failed(0.0) for _ in range(4)] == [False, False, True, False]
    assert not circuit.lets_through(1.0)


def test_a_success_in_between_begins_the_count_anew() -> None:
    circuit = Circuit(RULES)
    circuit.failed(0.0)
    circuit.failed(0.0)
    assert not circuit.succeeded()
    assert not circuit.failed(0.0)
    assert circuit.lets_through(0.0)


def test_open_it_lets_one_probe_through_from_time_to_time() -> None:
    circuit = opened()
    assert [circuit.lets_through(now) for now in (29.9, 30.0, 30.1, 59.9, 60.0)] == [False, True, False, False, True]


def test_a_probe_that_fails_keeps_it_open_and_one_that_succeeds_closes_it() -> None:
    circuit = opened()
    assert circuit.lets_through(30.0)
    assert not circuit.failed(35.0)
    assert not circuit.lets_through(64.9)
    assert circuit.lets_through(65.0)
    assert circuit.succeeded()
    assert not circuit.succeeded()
    assert circuit.lets_through(65.1)
