"""Subscriptions belong to their publisher, and end when they are closed."""

from __future__ import annotations

import threading

from estconsole.subscription import Publisher


def test_events_reach_every_subscriber_until_it_closes() -> None:
    publisher: Publisher[int] = Publisher()
    one: list[int] = []
    other: list[int] = []
    first, second = publisher.subscribe(one.append), publisher.subscribe(other.append)

    publisher.publish(1)
    first.close()
    first.close()
    publisher.publish(2)
    second.close()
    publisher.publish(3)

    assert (one, other) == ([1], [1, 2])


def test_a_listener_with_two_subscriptions_closes_one() -> None:
    publisher: Publisher[int] = Publisher()
    seen: list[int] = []
    listener = seen.append
    first = publisher.subscribe(listener)
    second = publisher.subscribe(listener)

    first.close()
    publisher.publish(1)
    second.close()
    publisher.publish(2)

    assert seen == [1]


def test_a_subscription_is_a_context_manager() -> None:
    publisher: Publisher[int] = Publisher()
    seen: list[int] = []
    with publisher.subscribe(seen.append):
        publisher.publish(1)
    publisher.publish(2)

    assert seen == [1]


def test_a_listener_may_close_itself_while_it_is_called() -> None:
    publisher: Publisher[int] = Publisher()
    seen: list[int] = []

    def once(event: int) -> None:
        seen.append(event)
        subscription.close()

    subscription = publisher.subscribe(once)
    with publisher.subscribe(seen.append):
        publisher.publish(1)
        publisher.publish(2)

    assert seen == [1, 1, 2]


def test_subscribers_come_and_go_in_several_threads() -> None:
    publisher: Publisher[int] = Publisher()
    seen: list[int] = []
    publisher.subscribe(seen.append)

    def come_and_go() -> None:
        for number in range(200):
            with publisher.subscribe(lambda _: None):
                publisher.publish(number)

    threads = [threading.Thread(target=come_and_go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(seen) == sorted([*range(200)] * 4)
    assert len(publisher._listeners) == 1
