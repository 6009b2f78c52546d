from core.domain.agents import Caps
from media_worker.language_models.base import Prompt, Spent
from media_worker.language_models.budget import Budget, Prices, estimated
from tests.fakes.language_models import ORDER_STATUS, caller, passage


def test_without_caps_there_is_always_another_answer() -> None:
    budget = Budget(Caps())
    budget.add(Spent(10**9, 10**9))
    assert (budget.is_used_up, budget.is_last, budget.answer_tokens) == (False, False, 512)


def test_an_answer_is_the_last_when_no_other_one_of_its_size_would_fit() -> None:
    budget = Budget(Caps(tokens=1000))
    assert not budget.is_last
    budget.add(Spent(200, 50))
    assert not budget.is_last
    budget.add(Spent(230, 50))
    assert (budget.is_last, budget.is_used_up) == (True, False)
    budget.add(Spent(420, 50))
    assert (budget.is_last, budget.is_used_up) == (True, True)


def test_cost_is_counted_by_the_deployments_prices() -> None:
    budget = Budget(Caps(cost=0.01), Prices(read=3.0, written=15.0))
    budget.add(Spent(1000, 100))
    assert budget.cost == 0.0045
    assert (budget.is_last, budget.is_used_up) == (True, False)
    budget.add(Spent(1500, 100))
    assert budget.is_used_up


def test_an_answer_may_write_what_is_left_and_always_a_goodbye() -> None:
    budget = Budget(Caps(tokens=1000, answer_tokens=400))
    assert budget.answer_tokens == 400
    budget.add(Spent(700, 200))
    assert budget.answer_tokens == 100
    budget.add(Spent(90, 10))
    assert budget.answer_tokens == 32


def test_of_a_model_that_tells_no_usage_nothing_counts() -> None:
    budget, prompt = Budget(Caps(tokens=1000)), Prompt("x" * 30, (), "en")
    budget.add_untold(prompt, "four")
    assert budget.read == 0
    budget.add(Spent(5, 1))
    budget.add_untold(prompt, "four")
    assert (budget.read, budget.written) == (15, 3)


def test_where_nobody_counted_letters_are() -> None:
    prompt = Prompt("x" * 30, (caller("y" * 30),), "en", passages=(passage("z" * 30),))
    assert estimated(prompt, "four") == Spent(30, 2)
    assert estimated(Prompt("", (), "en", (ORDER_STATUS,)), "").read > 30
