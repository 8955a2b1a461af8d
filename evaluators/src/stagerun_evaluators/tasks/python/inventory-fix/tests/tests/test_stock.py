import pytest
from inventory import Stock
from inventory.stock import Shortage


@pytest.fixture
def stock():
    stock = Stock()
    stock.add("pen", 3)
    return stock


def test_adding(stock):
    stock.add("pen")
    assert stock.counts == {"pen": 4}


def test_taking(stock):
    stock.take("pen", 2)
    assert stock.total() == 1


def test_taking_too_many(stock):
    with pytest.raises(Shortage, match="pen"):
        stock.take("pen", 4)
    assert stock.counts == {"pen": 3}


def test_taking_what_is_not_there(stock):
    with pytest.raises(ValueError, match="ink"):
        stock.take("ink")
    assert "ink" not in stock.counts


def test_taking_the_last(stock):
    stock.take("pen", 3)
    assert stock.counts == {}
