"""Ranks of replicas, on both placements."""

from __future__ import annotations

from system_helpers import Cells, wait_for

import kernelserve as serve

RANKED = """
@serve.deployment(num_replicas=COUNT, user_config={"shards": 3})
class Shard:
    def reconfigure(self, config, rank):
        self.config, self.rank = config, rank

    def who(self):
        context = serve.get_replica_context()
        assert context.rank.rank == self.rank.rank
        return self.rank.rank, context.world_size, self.config["shards"]

app = Shard.bind()
"""


def ranks(name: str) -> list[tuple[int, int, int]]:
    handle = serve.get_app_handle(name)
    return sorted(map(tuple, handle.broadcast("who").results(timeout_s=10)))


def test_replicas_have_ranks_of_their_own(cells: Cells, name: str) -> None:
    cells.serve(RANKED.replace("COUNT", "3"), name)
    assert ranks(name) == [(0, 3, 3), (1, 3, 3), (2, 3, 3)]
    cells.serve(RANKED.replace("COUNT", "2"), name)
    wait_for(lambda: [rank for rank, *_ in ranks(name)] == [0, 1], "the highest rank has ended")
    cells.serve(RANKED.replace("COUNT", "3"), name)
    wait_for(lambda: [rank for rank, *_ in ranks(name)] == [0, 1, 2], "its rank is given again")
