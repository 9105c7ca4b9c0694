#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The campaign's own parts, without a device, as TAP."""
import io
import json
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from campaign import (case, ladders, main, mutants, page,  # noqa: E402
                      place, report, verdict)
from campaign.case import Case, CaseError  # noqa: E402
from campaign.guest import GuestPlace, Lost  # noqa: E402
from campaign.place import PlaceError, Ran  # noqa: E402
from campaign.verdict import Said, Says, Seen, Verdict  # noqa: E402

WANTED = 150
PLAN = "[rule lie]\non=compose\nset=Param1=1\n"
HEAD = "[case a/b]\nclass=A\nwhy=Because.\nexpect=abort\n"


def made(expect: str = "abort", **more: object) -> Case:
    return Case(name="a/b", letter="A", why="Because.", expect=expect,
                plan=PLAN, **more)      # type: ignore[arg-type]


# ---- the table -----------------------------------------------------------

def enough_cases() -> bool:
    return len(case.load()) >= WANTED


def every_class_has_cases() -> bool:
    return {c.letter for c in case.load()} == set(case.CLASSES)


def every_case_says_why() -> bool:
    return all(c.why.endswith(".") and c.why[0].isupper()
               for c in case.load())


def must_abort_cases_lie() -> bool:
    """Nothing can be refused where nothing is wrong."""
    return all(c.plan for c in case.load() if c.expect == "abort")


def some_must_succeed() -> bool:
    return sum(c.expect == "succeed" for c in case.load()) >= 20


def shards_are_a_partition() -> bool:
    cases = case.load()
    parts = [case.shard(cases, i, 7) for i in range(1, 8)]
    names = [c.name for part in parts for c in part]
    return sorted(names) == sorted(c.name for c in cases) and \
        max(map(len, parts)) - min(map(len, parts)) <= 1


def chosen_by_class_name_and_pattern() -> bool:
    cases = case.load()
    by_class = case.chosen(cases, ["F"])
    return {c.letter for c in by_class} == {"F"} and \
        len(case.chosen(cases, ["psk/wrong-key"])) == 1 and \
        all(c.name.startswith("doe/")
            for c in case.chosen(cases, ["doe/*"]))


def refused(text: str, part: str) -> bool:
    try:
        case.parse(text, "t.ini")
    except CaseError as error:
        return part in str(error) and "t.ini:" in str(error)
    return False


BROKEN = [
    ("a case without a class", "[case a]\nwhy=x\nexpect=abort\n",
     "class is missing"),
    ("a case with an unknown key", HEAD + "colour=red\n", "colour"),
    ("a case of no class", HEAD.replace("=A", "=Z"), "A to L"),
    ("a case that expects nothing known",
     HEAD.replace("abort", "maybe"), "abort, succeed, any"),
    ("a case with an unknown flow", HEAD + "flow=dance\n", "flow is"),
    ("a case of a device that is not there", HEAD + "profile=none\n",
     "none.ini"),
    ("a rule that may not fire and is not there",
     HEAD + "may-not-fire=x\n" + PLAN, "names no rule"),
    ("a case with an unknown act",
     HEAD + "places=guest\nact=dance\n", "act is"),
    ("an act on the host, which has no guest", HEAD + "act=flr\n",
     "places=guest"),
    ("text before the first case", "hello\n" + HEAD, "before the first"),
]


def plan_is_kept_as_it_stands() -> bool:
    one, two = case.parse(HEAD + PLAN + HEAD.replace("a/b", "c") + PLAN,
                          "t.ini")
    return one.plan == two.plan == PLAN and one.rules == ["lie"]


# ---- verdicts ------------------------------------------------------------

FIRED = {"lie": 1}
ROWS = [
    ("a lie that is refused is a clean abort", made(),
     Said(Says.ERROR), Seen(FIRED), Verdict.ABORT, True),
    ("a lie that is believed is accepted", made(),
     Said(Says.OK), Seen(FIRED), Verdict.ACCEPTED, False),
    ("a downgrade that is believed is weaker", made(believed="weaker"),
     Said(Says.OK), Seen(FIRED), Verdict.WEAKER, False),
    ("what says error and goes on is not believed to have refused",
     made(never=("FINISH",)), Said(Says.ERROR), Seen(FIRED, ("FINISH",)),
     Verdict.ACCEPTED, False),
    ("other requests after the lie do not matter",
     made(never=("FINISH",)), Said(Says.ERROR),
     Seen(FIRED, ("END_SESSION",)), Verdict.ABORT, True),
    ("a rule that never fired fails the case", made(),
     Said(Says.ERROR), Seen({"lie": 0}), Verdict.UNFIRED, False),
    ("a rule that is not even counted never fired", made(),
     Said(Says.ERROR), Seen(), Verdict.UNFIRED, False),
    ("a rule that need not fire does not", made(may_not_fire=("lie",)),
     Said(Says.ERROR), Seen(), Verdict.ABORT, True),
    ("a crash counts before everything else", made(),
     Said(Says.CRASHED), Seen(), Verdict.CRASHED, False),
    ("a requester without an end is hung", made(),
     Said(Says.HUNG), Seen(FIRED), Verdict.HUNG, False),
    ("an oddity that is coped with is tolerated", made("succeed"),
     Said(Says.OK), Seen(FIRED), Verdict.TOLERATED, True),
    ("an oddity that is not coped with is refused", made("succeed"),
     Said(Says.ERROR), Seen(FIRED), Verdict.REFUSED, False),
    ("either will do where either is right", made("any"),
     Said(Says.OK), Seen(FIRED), Verdict.TOLERATED, True),
    ("either will do, and so will giving up", made("any"),
     Said(Says.ERROR), Seen(FIRED), Verdict.ABORT, True),
    ("a hang is wrong even there", made("any"),
     Said(Says.HUNG), Seen(FIRED), Verdict.HUNG, False),
    ("a requester that cannot do it is skipped", made(),
     Said(Says.SKIP), Seen(), Verdict.SKIPPED, False),
    ("an abort that leaves the mailbox unusable is not clean", made(),
     Said(Says.ERROR), Seen(FIRED, left="no answer"), Verdict.UNCLEAN,
     False),
    ("nor is it where either would do", made("any"),
     Said(Says.ERROR), Seen(FIRED, left="no answer"), Verdict.UNCLEAN,
     False),
    ("trouble with the device is nobody's fault", made(),
     Said(Says.ERROR), Seen(trouble="gone"), Verdict.BROKEN, False),
]


def judged(it: Case, said: Said, seen: Seen, wanted: Verdict,
           passes: bool) -> bool:
    outcome = verdict.judge(it, said, seen)
    return outcome.verdict == wanted and outcome.passed == passes


# ---- the contract --------------------------------------------------------

def ran(code: int = 0, out: str = "", err: str = "", signal: int = 0,
        late: bool = False) -> Ran:
    return Ran(code, signal, late, out, err, 0.1)


SAYS = [
    ("exit 0 is ok", ran(), Says.OK),
    ("exit 1 is an error", ran(1), Says.ERROR),
    ("exit 77 is a skip", ran(77), Says.SKIP),
    ("the last line goes before the exit status",
     ran(0, "x\nverdict: error no such key\n"), Says.ERROR),
    ("it may say ok", ran(1, "verdict: ok\n"), Says.OK),
    ("it may say skip", ran(0, "verdict: skip\n"), Says.SKIP),
    ("only the last line counts", ran(0, "verdict: error\nmore\n"),
     Says.OK),
    ("a signal is a crash", ran(signal=11), Says.CRASHED),
    ("so is a shell's word for one", ran(139), Says.CRASHED),
    ("the time limit is a hang", ran(signal=9, late=True), Says.HUNG),
]


def check_is_read() -> bool:
    said = place.said(ran(5, "", "CHALLENGE: it does not verify "
                          "(challenge-signature)\n"))
    return said.check == "challenge-signature"


def requests_after_a_fault_only() -> bool:
    def message(name: str, sender: str = "requester") -> dict:
        return {"event": "message", "name": name, "from": sender}

    return place.requests_after_fault([
        message("GET_VERSION"), {"event": "fault"},
        message("VERSION", "responder"), message("FINISH")]) == ("FINISH",)


def ladder_tells_faults_and_records() -> bool:
    rungs = place.ladder([
        {"event": "begin"},
        {"event": "message", "from": "requester", "name": "FINISH",
         "secured": True, "text": ""},
        {"event": "fault", "rule": "lie", "action": "drop = true"},
        {"event": "message", "from": "responder", "name": "ERROR",
         "text": "Busy"}])
    nameless = place.ladder([{"event": "message", "code": 99}])
    return rungs == ("==> FINISH", "    *** lie: drop = true",
                     "<-- ERROR Busy") and nameless == ("<-- code 99",)


def fired_rules_are_counted_in_events() -> bool:
    events = [{"event": "fault", "rule": "a"}, {"event": "note"},
              {"event": "fault", "rule": "b"}, {"event": "fault", "rule": "a"}]
    return place.fired_in(events) == {"a": 2, "b": 1}


def cut_off_events_are_read() -> bool:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events"
        path.write_text('{"event":"fault"}\n{"event":"mess')
        return place.read_events(path) == [{"event": "fault"}]


# ---- reports -------------------------------------------------------------

def a_result() -> report.Result:
    good = verdict.judge(made(), Said(Says.ERROR, "<&\x01>"), Seen(FIRED))
    bad = verdict.judge(Case("c/d", "B", "Why.", "abort", PLAN),
                        Said(Says.OK, "]]>"), Seen(FIRED))
    known = verdict.judge(Case("e/f", "C", "Why.", "abort", PLAN),
                          Said(Says.OK), Seen(FIRED))
    skipped = verdict.judge(Case("g/h", "D", "Why.", "abort", PLAN),
                            Said(Says.SKIP, "not for me"), Seen())
    return report.Result([good, bad, known, skipped], {"e/f", "a/b"},
                         seconds=2.0, mutants=3, killed=2)


def written(writer) -> str:
    out = io.StringIO()
    writer(a_result(), out)
    return out.getvalue()


def json_has_the_figures() -> bool:
    body = json.loads(written(report.write_json))
    wanted = {"cases": 4, "pass": 1, "fail": 2, "unfired": 0, "seconds": 2.0,
              "cases_per_second": 2.0, "mutants": 3, "killed": 2,
              "skipped": 1, "known": 1}
    return all(body[key] == value for key, value in wanted.items()) and \
        len(body["results"]) == 4


def tap_is_tap() -> bool:
    lines = [line for line in written(report.write_tap).splitlines()
             if not line.startswith("#")]
    return lines[0] == "1..4" and lines[1].startswith("ok 1 ") and \
        lines[2].startswith("not ok 2 ") and "# TODO" in lines[3] and \
        "# SKIP" in lines[4]


def junit_is_xml() -> bool:
    suite = ElementTree.fromstring(written(report.write_junit))
    return suite.get("tests") == "4" and suite.get("failures") == "1" and \
        suite.get("skipped") == "2" and len(suite.findall(".//failure")) == 1


def html_needs_nothing_else() -> bool:
    text = written(page.write_html)
    return "<script" not in text and "://" not in text and \
        "c/d" in text and "&lt;&amp;" in text


PAGE = ('<style>s{}</style><section><div class="end bad">why</div><svg a>'
        '</svg><div class="ladder">%s</div></section>'
        '<p class="legend">l</p>')
ROW = '<details id="c0-%d"><summary></summary></details>'
FAULT = '<svg ><rect class="band fault"/></svg>'


def ladder_is_taken_out() -> bool:
    drawn = ladders.take_apart(PAGE % (ROW % 1 + FAULT + ROW % 2))
    return drawn.items == (ROW % 1, FAULT, ROW % 2) and \
        drawn.style == "s{}" and drawn.left_out == 0 and \
        drawn.end == '<div class="end bad">why</div>'


def long_ladder_is_cut_around_the_fault() -> bool:
    rows = [ROW % i for i in range(200)]
    drawn = ladders.take_apart(PAGE % "".join(rows[:90] + [FAULT] + rows[90:]))
    return len(drawn.items) == ladders.MOST_ITEMS and \
        FAULT in drawn.items and \
        drawn.left_out == 201 - ladders.MOST_ITEMS


def every_partner_is_redundant_with_another() -> bool:
    """No check is explained in two ways, or by itself."""
    return not set(mutants.REDUNDANT_WITH) & set(mutants.EXPLAINED) and all(
        check not in partner.split(",")
        for check, (partner, _) in mutants.REDUNDANT_WITH.items())


def waiting_cases_have_a_clock_of_their_own() -> bool:
    slow = Case("s/l", "H", "Why.", "abort", PLAN, wait=True)
    result = a_result()
    result.outcomes.append(verdict.judge(slow, Said(Says.ERROR), Seen(FIRED)))
    result.waited = 9.0
    body = result.summary()
    return body["cases_per_second"] == 2.0 and \
        body["waiting"] == {"cases": 1, "seconds": 9.0} and \
        body["seconds"] == 11.0


def only_news_is_red() -> bool:
    result = a_result()
    return [o.case.name for o in result.news()] == ["c/d"] and \
        result.mended() == ["a/b"]


def baseline_is_read_back() -> bool:
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "known")
        main.write_baseline(path, a_result())
        return main.read_baseline(path) == {"c/d", "e/f"}


def a_lost_guest(died_of: int, console: str) -> SimpleNamespace:
    log = SimpleNamespace(read_text=lambda **_: console)
    return SimpleNamespace(serial_log=log, qemu_log=log, alive=False,
                           died_of=died_of)


def qemu_death_is_no_verdict() -> bool:
    try:
        GuestPlace._obituary(a_lost_guest(11, ""), Lost("gone"))
    except PlaceError as error:
        return "signal 11" in str(error)
    return False


def panic_is_a_crash() -> bool:
    told = GuestPlace._obituary(a_lost_guest(0, "Kernel panic - not syncing"),
                                Lost("gone"))
    return told.says == Says.CRASHED and "panic" in told.text


TABLE: list[tuple[str, Callable[[], bool]]] = [
    (f"at least {WANTED} cases", enough_cases),
    ("every class has cases", every_class_has_cases),
    ("every case says why in a sentence", every_case_says_why),
    ("whatever must be refused has a plan", must_abort_cases_lie),
    ("there are honest controls", some_must_succeed),
    ("shards are a partition", shards_are_a_partition),
    ("cases are chosen by class, name and pattern",
     chosen_by_class_name_and_pattern),
    ("a plan is kept as it stands", plan_is_kept_as_it_stands),
    *((f"{name} is refused in one line",
       lambda t=text, p=part: refused(t, p)) for name, text, part in BROKEN),
    *((row[0], lambda r=row: judged(*r[1:])) for row in ROWS),
    *((name, lambda r=what, s=says: place.said(r).says == s)
      for name, what, says in SAYS),
    ("the check that spdm-requester names is read", check_is_read),
    ("requests count from the first fault on", requests_after_a_fault_only),
    ("a ladder tells records and faults", ladder_tells_faults_and_records),
    ("events that are cut off are read", cut_off_events_are_read),
    ("JSON has the figures", json_has_the_figures),
    ("TAP is TAP", tap_is_tap),
    ("JUnit is XML, with a failure", junit_is_xml),
    ("HTML needs nothing else", html_needs_nothing_else),
    ("spdm-trace's ladder is taken out of its page", ladder_is_taken_out),
    ("a long ladder is cut to what is around the fault",
     long_ladder_is_cut_around_the_fault),
    ("cases that wait have a clock of their own",
     waiting_cases_have_a_clock_of_their_own),
    ("a redundant check has another one behind it",
     every_partner_is_redundant_with_another),
    ("rules that fired are counted in events",
     fired_rules_are_counted_in_events),
    ("QEMU that dies says nothing about a requester",
     qemu_death_is_no_verdict),
    ("a guest that panics is a crash", panic_is_a_crash),
    ("only what the baseline does not know is red", only_news_is_red),
    ("a baseline is read back", baseline_is_read_back),
]


def run_all() -> int:
    print(f"1..{len(TABLE)}")
    failed = 0
    for number, (name, run) in enumerate(TABLE, 1):
        good = run()
        failed += not good
        print(f"{'ok' if good else 'not ok'} {number} {name}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(run_all())
