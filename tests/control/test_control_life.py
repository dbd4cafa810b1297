"""What happens outside of deploys: deaths, health, owners, deletion, restarts of the controller."""

from __future__ import annotations

import pytest
from control_story import Story, graph, kinds, last_push, node, only

from kernelserve.control import events as ev
from kernelserve.control import instructions as ins
from kernelserve.control.machine import Controller
from kernelserve.control.replica import IllegalTransitionError
from kernelserve.exceptions import ApplicationNotFoundError

APP = graph(node("Embedder"), node("Search", num_replicas=2, children=("Embedder",)))


@pytest.fixture
def running() -> Story:
    story = Story()
    assert story.apply(APP).outcome == "applied"
    return story


def restart(story: Story) -> list[ins.Instruction]:
    """The controller dies and comes back from its record."""
    data = story.controller.snapshot()
    story.controller, said = Controller.restore(data, story.controller.epoch + 1, story.now, story.new_id)
    return story.heard(said)


# --- deaths and health ----------------------------------------------------------------------------


def test_dead_replica_leaves_the_routing_at_once_and_is_replaced(running: Story) -> None:
    said = running.tell(ev.ReplicaDied, replica_id="search#Search#2", reason="SIGKILL")
    assert only(said, ins.StartReplica) == [ins.StartReplica("search#Search#4", "search", "Search", 1)]
    assert [e.replica_id for e in last_push(said).sets[1]["Search"].endpoints] == ["search#Search#3"]
    status = running.status()
    assert status["status"] == "UNHEALTHY" and "SIGKILL" in status["deployments"]["Search"]["message"]
    assert kinds(running.start("search#Search#4")) == ["PushRouting"]
    assert running.status()["status"] == "RUNNING"


def test_replacements_that_die_wait_longer_each_time(running: Story) -> None:
    replica, waits = "search#Embedder#1", []
    for _ in range(5):
        said = running.tell(ev.ReplicaDied, replica_id=replica, reason="crash")
        begun = running.now
        while not only(said, ins.StartReplica):
            said = running.wait(0.5)
        waits.append(running.now - begun)
        replica = only(said, ins.StartReplica)[0].replica_id
        running.start(replica)
    assert waits == [0.0, 1.0, 2.0, 4.0, 8.0]
    running.wait(61.0)
    assert "StartReplica" in kinds(running.tell(ev.ReplicaDied, replica_id=replica, reason="crash")), "it was stable"


def test_replacement_that_cannot_start_is_tried_again(running: Story) -> None:
    running.tell(ev.ReplicaDied, replica_id="search#Embedder#1", reason="crash")
    running.tell(ev.ReplicaStartFailed, replica_id="search#Embedder#4", error="OSError: weights are gone")
    embedder = running.status()["deployments"]["Embedder"]
    assert (embedder["status"], embedder["status_trigger"]) == ("UNHEALTHY", "REPLICA_STARTUP_FAILED")
    assert "weights are gone" in embedder["message"]
    running.start_all(running.wait(1.0))
    assert running.status()["status"] == "RUNNING"


def test_third_failed_check_replaces_the_replica(running: Story) -> None:
    checks = only(running.wait(10.0), ins.CheckHealthOf)
    assert {check.replica_id for check in checks} == {f"search#{x}" for x in ("Embedder#1", "Search#2", "Search#3")}
    for _ in range(2):
        assert running.tell(ev.HealthChecked, replica_id="search#Search#2", ok=False, error="no GPU") == []
    said = running.tell(ev.HealthChecked, replica_id="search#Search#2", ok=False, error="no GPU")
    assert kinds(said) == ["StopReplica", "StartReplica", "PushRouting"]
    assert running.status()["deployments"]["Search"]["status_trigger"] == "HEALTH_CHECK_FAILED"


def test_a_good_check_forgives_earlier_ones(running: Story) -> None:
    for ok in (False, False, True, False, False):
        assert running.tell(ev.HealthChecked, replica_id="search#Search#2", ok=ok, error="x") == []


def test_checks_do_not_overlap(running: Story) -> None:
    assert len(only(running.wait(10.0), ins.CheckHealthOf)) == 3
    assert only(running.wait(10.0), ins.CheckHealthOf) == []
    running.tell(ev.HealthChecked, replica_id="search#Search#2", ok=True)
    assert [x.replica_id for x in only(running.wait(10.0), ins.CheckHealthOf)] == ["search#Search#2"]


def test_a_replica_that_does_not_stop_is_killed(running: Story) -> None:
    running.tell(ev.ReplicaUnhealthy, replica_id="search#Search#2", error="its loop is blocked")
    assert "KillReplica" not in kinds(running.wait(24.0))
    assert ins.KillReplica("search#Search#2") in running.wait(1.0)


def test_late_and_foreign_reports_do_no_harm(running: Story) -> None:
    assert running.tell(ev.ReplicaDied, replica_id="nobody#x#1", reason="?") == []
    assert kinds(running.start("nobody#x#1")) == ["KillReplica"]
    assert running.tell(ev.ReplicaPrepared, replica_id="search#Search#2", revision=9) == []
    assert running.tell(ev.RoutingAcked, app="nobody", version=1) == []


def test_what_cannot_happen_raises_with_the_history(running: Story) -> None:
    with pytest.raises(IllegalTransitionError, match=r"RUNNING and got 'started'(.|\n)*STARTING --started--> RUNNING"):
        running.start("search#Search#2")


# --- deletion -------------------------------------------------------------------------------------


def test_delete_refuses_requests_at_once_and_forgets_when_all_is_gone(running: Story) -> None:
    said = running.tell(ev.DeleteRequested, app="search")
    assert kinds(said) == ["StopReplica"] * 3 + ["PushRouting"]
    assert (last_push(said).current, last_push(said).sets) == (0, {})
    assert running.status()["status"] == "DELETING"
    assert ins.ForgetApp("search") in running.end_all(said)
    assert running.controller.apps() == []
    assert running.controller.routing("search").current == 0
    with pytest.raises(ApplicationNotFoundError, match="no application 'search'"):
        running.controller.view("search")


def test_delete_during_a_deploy_finishes_it(running: Story) -> None:
    request, _ = running.deploy(APP, force_replace=True)
    said = running.tell(ev.DeleteRequested, app="search")
    assert running.finished[request].outcome == "aborted" and "deleted" in running.finished[request].error
    assert len(only(said, ins.KillReplica)) == 3 and len(only(said, ins.StopReplica)) == 3


def test_deploy_of_a_name_that_is_being_deleted_waits(running: Story) -> None:
    ending = running.tell(ev.DeleteRequested, app="search")
    request, said = running.deploy(APP)
    assert said == []
    said = running.end_all(ending)
    version = running.controller.routing("search").version
    assert len(only(said, ins.StartReplica)) == 3
    order = [type(x).__name__ for x in said]
    assert "PersistApp" in order[order.index("ForgetApp") :], "the new app's record must stay"
    running.start_all(said)
    running.ack()
    running.ack()
    assert running.finished[request].outcome == "applied"
    assert running.controller.routing("search").version > version, "senders would refuse an older one"


# --- owners ---------------------------------------------------------------------------------------


def test_lost_owner_has_thirty_seconds() -> None:
    story = Story()
    story.apply(APP, owner="notebook-1", leased=True)
    story.apply(graph(node("Stays"), name="stays", route="/stays"), owner="notebook-1")
    story.tell(ev.OwnerLost, owner="notebook-1")
    story.wait(29.0)
    story.tell(ev.OwnerBack, owner="notebook-1")
    story.wait(30.0)
    assert story.status()["status"] == "RUNNING"
    story.tell(ev.OwnerLost, owner="notebook-1")
    story.wait(29.9)
    assert story.status()["status"] == "RUNNING"
    story.wait(0.2)
    assert story.status()["status"] == "DELETING" and "notebook-1" in story.status()["message"]
    assert story.status("stays")["status"] == "RUNNING"


def test_name_of_another_live_owner_is_refused() -> None:
    story = Story()
    story.apply(APP, owner="anna", leased=True)
    request, _ = story.deploy(APP, owner="ben", leased=True, force_replace=True)
    assert "another live notebook" in story.finished[request].error and "anna" in story.finished[request].error
    assert story.apply(APP, owner="ben", leased=True, take=True).outcome == "unchanged"
    assert story.controller.owned_by("ben") == ["search"]
    story.tell(ev.OwnerLost, owner="ben")
    assert story.apply(APP, owner="anna", leased=True).outcome == "unchanged"


# --- restarts of the controller -------------------------------------------------------------------


def test_restart_adopts_running_replicas_and_requests_go_on(running: Story) -> None:
    before = running.controller.routing("search")
    said = restart(running)
    assert len(only(said, ins.RecoverReplica)) == 3 and not only(said, ins.StartReplica)
    after = last_push(said)
    assert (after.epoch, after.current, after.sets) == (2, before.current, before.sets)
    assert running.status()["deployments"]["Search"]["replica_states"] == {"RECOVERING": 2}
    for replica in ("search#Embedder#1", "search#Search#2", "search#Search#3"):
        running.start(replica)
    assert running.status()["deployments"]["Search"]["replica_states"] == {"RUNNING": 2}
    assert running.apply(APP).outcome == "unchanged"


def test_restart_replaces_what_is_not_found(running: Story) -> None:
    restart(running)
    assert "StartReplica" in kinds(running.tell(ev.ReplicaDied, replica_id="search#Search#2", reason="not there"))
    said = running.wait(30.0)
    assert len(only(said, ins.StartReplica)) == 2 and len(only(said, ins.KillReplica)) == 2


def test_restart_aborts_a_deploy_that_was_not_committed(running: Story) -> None:
    request, said = running.deploy(graph(node("Embedder", init="2"), APP.nodes["Search"]))
    said = restart(running)
    assert only(said, ins.KillReplica) == [ins.KillReplica("search#Embedder#4")]
    assert running.finished[request].outcome == "aborted"
    assert running.controller.routing("search").current == 1


def test_restart_rolls_a_committed_deploy_forward(running: Story) -> None:
    request, said = running.deploy(graph(node("Embedder", init="2"), APP.nodes["Search"]))
    running.start_all(said)
    assert sorted(last_push(restart(running)).sets) == [1, 2]
    running.ack()
    running.ack()
    assert running.finished[request].outcome == "applied" and running.controller.routing("search").current == 2
    for replica in ("search#Embedder#1", "search#Search#2", "search#Search#3", "search#Embedder#4"):
        running.start(replica)
    running.end_all(running.wait(20.0))
    assert running.endpoints("Embedder") == ["search#Embedder#4"]


def test_restart_drops_views_of_a_revision_that_never_came(running: Story) -> None:
    running.deploy(graph(node("Embedder"), node("Search", serve="2", num_replicas=2, children=("Embedder",))))
    restart(running)
    assert ins.AbortPrepare("search#Search#2", 2) in running.start("search#Search#2")


def test_restart_gives_owners_their_lease_again() -> None:
    story = Story()
    story.apply(APP, owner="anna", leased=True)
    restart(story)
    story.wait(29.0)
    assert story.status()["status"] != "DELETING"
    story.wait(1.0)
    assert story.status()["status"] == "DELETING"


def test_restart_goes_on_with_a_deletion(running: Story) -> None:
    running.tell(ev.DeleteRequested, app="search")
    said = restart(running)
    assert len(only(said, ins.KillReplica)) == 3
    assert ins.ForgetApp("search") in running.end_all(said)


def test_a_replica_that_was_not_found_again_stays_on_record_until_it_ended(running: Story) -> None:
    restart(running)
    lost = {ins.KillReplica(f"search#{name}") for name in ("Embedder#1", "Search#2", "Search#3")}
    assert set(only(running.wait(40.0), ins.KillReplica)) == lost
    assert set(only(restart(running), ins.KillReplica)) == lost, "the kill may have been lost with the controller"


def test_snapshots_of_single_apps_make_the_same_controller(running: Story) -> None:
    running.apply(graph(node("Other"), name="other", route="/other"))
    parts = [running.controller.snapshot_app(app) for app in running.controller.apps()]
    restored, _ = Controller.restore(parts, 2, running.now)
    restored.validate()
    assert restored.apps() == ["search", "other"]


# --- views ----------------------------------------------------------------------------------------


def test_view_shows_the_graph_with_what_was_done_to_it(running: Story) -> None:
    running.apply(graph(node("Embedder"), node("Search", serve="2", num_replicas=2, children=("Embedder",))))
    view = running.controller.view("search")
    assert view["edges"] == [["Search", "Embedder"]] and view["revision"] == 2
    embedder, search = view["nodes"]
    assert (embedder["last_action"], search["last_action"]) == ("keep", "patch")
    assert (search["built_in"], search["version"], len(search["replicas"])) == (1, 2, 2)
    assert [revision["outcome"] for revision in view["revisions"]] == ["applied", "applied"]


def test_several_events_push_once(running: Story) -> None:
    died = [ev.ReplicaDied(now=running.now, replica_id=f"search#Search#{n}", reason="node lost") for n in (2, 3)]
    assert kinds(running.controller.handle(*died)) == ["StartReplica", "StartReplica", "PushRouting"]
