"""A film critic in three stages: words to numbers, two models side by side, and one verdict of both."""

import asyncio

import numpy as np

import kernelserve as serve  # the serve module

WORDS = ("good", "great", "bad", "dull", "long", "short")


@serve.deployment(max_ongoing_requests=100)
class Preprocess:
    """Text to a vector of word counts."""

    def __init__(self) -> None:
        self.position = {word: index for index, word in enumerate(WORDS)}

    def __call__(self, text: str) -> np.ndarray:
        counts = np.zeros(len(WORDS), dtype=np.float32)
        for word in text.lower().split():
            if word in self.position:
                counts[self.position[word]] += 1
        return counts


@serve.deployment(max_ongoing_requests=100)
class Sentiment:
    """A linear model that takes many vectors at once."""

    def __init__(self) -> None:
        self.weights = np.array([1, 2, -1, -2, 0, 0], dtype=np.float32)
        self.sizes: list[int] = []

    @serve.batch(max_batch_size=8, batch_wait_timeout_s=0.05)
    async def __call__(self, vectors: list[np.ndarray]) -> list[float]:
        self.sizes.append(len(vectors))
        return (np.stack(vectors) @ self.weights).tolist()

    async def batch_sizes(self) -> list[int]:
        return self.sizes


@serve.deployment(max_ongoing_requests=100)
class Pace:
    """How long a film feels."""

    async def __call__(self, vector: np.ndarray) -> float:
        return float(vector[WORDS.index("long")] - vector[WORDS.index("short")])


@serve.deployment(max_ongoing_requests=100, user_config={"threshold": 0.5})
class Critic:
    def __init__(self, preprocess, sentiment, pace, patience: float = 1.0) -> None:
        self.preprocess, self.sentiment, self.pace = preprocess, sentiment, pace
        self.patience = patience
        self.threshold = 0.0

    def reconfigure(self, config: dict) -> None:
        self.threshold = config["threshold"]

    async def judge(self, text: str) -> dict:
        vector = self.preprocess.remote(text)
        sentiment, pace = await asyncio.gather(self.sentiment.remote(vector), self.pace.remote(vector))
        score = sentiment - self.patience * pace
        return {"score": score, "see it": score > self.threshold}

    async def __call__(self, request) -> dict:
        return await self.judge((await request.json())["text"])

    async def judge_all(self, texts: list[str]) -> list[dict]:
        return list(await asyncio.gather(*(self.judge(text) for text in texts)))

    async def batch_sizes(self) -> list[int]:
        return await self.sentiment.batch_sizes.remote()

    async def current_threshold(self) -> float:
        return self.threshold


def build(threshold: float = 0.5):
    critic = Critic.options(user_config={"threshold": threshold})
    return critic.bind(Preprocess.bind(), Sentiment.bind(), pace=Pace.bind(), patience=0.5)


app = build()
