"""Jobs: who may collect what they bring, and how long that waits."""

from __future__ import annotations

import threading

import pytest

from mnist_core.serving.jobs import KEPT_S, Job, Jobs


def done(job: Job[int]) -> Job[int]:
    """The same, when it has come to its end."""
    job.wait(30)
    assert job.done
    return job


def begin(jobs: Jobs[int], session: str = "one", browser: str = "browser") -> Job[int]:
    """A job that is done."""
    return done(jobs.begin(browser, session, lambda _: 7))


def test_a_job_tells_how_far_it_is_and_what_came_of_it() -> None:
    seen, go = threading.Event(), threading.Event()

    def work(job: Job[str]) -> str:
        job.moved_up(3)
        job.progress(1.5)
        seen.set()
        go.wait(30)
        return "done"

    job = Jobs[str]().begin("browser", "one", work)
    seen.wait(30)
    assert (job.place, job.share, job.done) == (3, 1.0, False)
    go.set()
    assert job.result() == "done"
    assert job.done


def test_what_the_work_raises_is_raised_where_its_result_is_asked_for() -> None:
    def work(_: Job[int]) -> int:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        Jobs[int]().begin("browser", "one", work).result()


def test_a_result_is_collected_once_by_the_session_that_began() -> None:
    jobs = Jobs[int]()
    job = begin(jobs)
    assert not jobs.collect(job, "two")
    assert jobs.collect(job, "one")
    assert not jobs.collect(job, "one")
    jobs.leave("one")
    assert jobs.take_up("browser", "two") is None


def test_what_a_session_left_is_taken_up_by_the_next_of_its_browser_and_no_other() -> None:
    jobs = Jobs[int]()
    job = begin(jobs)
    assert jobs.take_up("browser", "two") is None, "the first one is still there"
    jobs.leave("one")
    assert jobs.take_up("stranger", "three") is None
    assert jobs.take_up("browser", "two") is job
    assert jobs.take_up("browser", "four") is None
    assert not jobs.collect(job, "one")
    assert jobs.collect(job, "two")


def test_a_session_that_comes_back_has_its_job_unless_another_took_it_up() -> None:
    jobs = Jobs[int]()
    job = begin(jobs)
    jobs.leave("one")
    assert jobs.take_up("browser", "one") is job
    assert jobs.take_up("browser", "two") is None
    jobs.leave("one")
    assert jobs.take_up("browser", "two") is job
    assert jobs.take_up("browser", "one") is None


def test_a_result_that_nobody_comes_for_is_forgotten() -> None:
    now = 0.0
    jobs = Jobs[int](lambda: now)
    begin(jobs)
    jobs.leave("one")
    now = KEPT_S + 1
    assert jobs.take_up("browser", "two") is None


def test_a_browser_is_busy_until_its_work_is_done() -> None:
    jobs, go = Jobs[bool](), threading.Event()
    job = jobs.begin("browser", "one", lambda _: go.wait(30))
    assert jobs.busy("browser")
    assert not jobs.busy("stranger")
    go.set()
    job.wait(30)
    assert not jobs.busy("browser")
