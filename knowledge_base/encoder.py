"""Texts in, unit vectors out: onnxruntime and tokenizers only, on one thread outside the event loop.

Questions of different conversations that wait while one batch runs are encoded together: what waits is taken, nothing
is ever waited for (FIGURES.md A7). Repeated texts come from a small cache.
"""

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final, Protocol

import numpy as np

from core.errors import ModelUnavailable
from knowledge_base.model_choice import model_now
from knowledge_base.model_files import (
    BUNDLED_MODEL,
    GRAPH_FILE,
    TOKENIZER_FILE,
    Manifest,
    folder_of,
    is_prepared,
    read_manifest,
)
from knowledge_base.vectors import Vectors

_BATCH: Final = 16
_MOST_TOKENS: Final = 1024
"""Of one run, filled up ones included: attention's memory grows with the square of a text's length."""
_QUESTION_TOKENS: Final = 64
"""What is read of a question as a whole, some 45 words; a longer one's sentences are read one by one besides."""
_CACHED: Final = 4096
_MOST_CHARACTERS: Final = 2000
"""More than the model's tokens can hold; longer texts only cost time in the tokenizer."""


class Encoder(Protocol):
    """What the understanding needs of a model."""

    @property
    def identity(self) -> str:
        """Changes whenever a vector could."""
        ...

    @property
    def dimensions(self) -> int: ...

    @property
    def languages(self) -> frozenset[str]:
        """Those of the house's that the model was made for."""
        ...

    def encode_now(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, one row a text, in this thread. Any text is taken."""
        ...

    async def encode(self, texts: Sequence[str]) -> Vectors:
        """The same, batched with what other tasks ask for meanwhile, outside the event loop."""
        ...


class OnnxEncoder:
    """A prepared model. `close` ends its thread; a process that only exits need not."""

    def __init__(self, folder: Path) -> None:
        """Load a prepared folder, its checksums verified. Raises ModelUnavailable with one sentence."""
        self.manifest: Manifest = read_manifest(folder)
        self._tokenizer, self._session = _load(folder, self.manifest)
        self._session_lock = threading.Lock()
        self._cache: OrderedDict[str, Vectors] = OrderedDict()
        self._queue: SimpleQueue[tuple[str, Future[Vectors]] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None

    @property
    def identity(self) -> str:
        return self.manifest.identity

    @property
    def dimensions(self) -> int:
        return self.manifest.dimensions

    @property
    def languages(self) -> frozenset[str]:
        return frozenset(self.manifest.languages)

    def encode_now(self, texts: Sequence[str]) -> Vectors:
        return self._encode(texts, most_tokens=self.manifest.max_tokens)

    def _encode(self, texts: Sequence[str], *, most_tokens: int) -> Vectors:
        rows = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        if not texts:
            return rows
        encodings = self._tokenizer.encode_batch([self._presentable(text) for text in texts])
        tokens = [_shortened(encoding.ids, most_tokens) for encoding in encodings]
        for chosen in _batches([len(each) for each in tokens]):
            rows[chosen] = self._run([tokens[row] for row in chosen])
        return rows

    async def encode(self, texts: Sequence[str]) -> Vectors:
        rows = await asyncio.gather(*(self._enqueue(text) for text in texts))
        return np.stack(rows) if rows else np.zeros((0, self.dimensions), dtype=np.float32)

    async def _enqueue(self, text: str) -> Vectors:
        known = self._cache.get(text)
        if known is not None:
            return known
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name="encoder", daemon=True)
            self._thread.start()
        future: Future[Vectors] = Future()
        self._queue.put((text, future))
        vector = await asyncio.wrap_future(future)
        self._cache[text] = vector
        if len(self._cache) > _CACHED:
            self._cache.popitem(last=False)
        return vector

    def close(self) -> None:
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
            self._thread = None

    def _presentable(self, text: str) -> str:
        readable = text[:_MOST_CHARACTERS].encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return self.manifest.prefix + readable

    def _serve(self) -> None:
        while (first := self._queue.get()) is not None:
            waiting = [first]
            while len(waiting) < _BATCH and not self._queue.empty():
                following = self._queue.get()
                if following is None:
                    self._queue.put(None)
                    break
                waiting.append(following)
            self._answer(waiting)

    def _answer(self, waiting: list[tuple[str, Future[Vectors]]]) -> None:
        live = [(text, future) for text, future in waiting if future.set_running_or_notify_cancel()]
        try:
            rows = self._encode([text for text, _ in live], most_tokens=_QUESTION_TOKENS)
        except Exception as error:  # noqa: BLE001  # the thread must outlive any one text; the askers hear of it
            for _, future in live:
                future.set_exception(error)
            return
        for row, (_, future) in enumerate(live):
            future.set_result(rows[row])

    def _run(self, token_lists: list[list[int]]) -> Vectors:
        width = max(len(tokens) for tokens in token_lists)
        identities = np.zeros((len(token_lists), width), dtype=np.int64)
        mask = np.zeros_like(identities)
        for row, tokens in enumerate(token_lists):
            identities[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        with self._session_lock:
            (rows,) = self._session.run(None, {"input_ids": identities, "attention_mask": mask})
        return np.asarray(rows, dtype=np.float32)


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """The places of texts that are run together: alike in length, few enough and short enough."""
    batch: list[int] = []
    for place in sorted(range(len(lengths)), key=lambda place: lengths[place]):
        length = lengths[place]
        is_full = len(batch) == _BATCH or (len(batch) + 1) * length > _MOST_TOKENS
        if batch and (is_full or length > 1.5 * lengths[batch[0]] + 4):  # filling up costs as much as words
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch


def _shortened(tokens: list[int], most: int) -> list[int]:
    """The first ones and the closing one."""
    return tokens if len(tokens) <= most else [*tokens[: most - 1], tokens[-1]]


def open_encoder(data_dir: Path, model: str = BUNDLED_MODEL) -> OnnxEncoder:
    """The encoder for `model`, prepared in a child process first where that has not been done yet (some 15 s).

    Raises ModelUnavailable with one plain sentence: go on without an encoder and say so.
    """
    if model == "none":
        raise ModelUnavailable("No embedding model is wanted (REPLYDESK_EMBEDDING_MODEL=none).")
    model = model_now(data_dir, model)
    folder = folder_of(data_dir, model)
    if not is_prepared(folder):
        from knowledge_base.model_preparation import prepare_in_child  # noqa: PLC0415  # needed once per model

        folder = prepare_in_child(data_dir, model)
    return OnnxEncoder(folder)


def _load(folder: Path, manifest: Manifest) -> tuple[Any, Any]:
    import onnxruntime  # noqa: PLC0415  # heavy
    from tokenizers import Tokenizer  # noqa: PLC0415

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.enable_cpu_mem_arena = False  # it would keep the memory of the longest batch there ever was
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
        session = onnxruntime.InferenceSession(str(folder / GRAPH_FILE), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # both libraries raise their own kinds, some of them plain Exception
        raise ModelUnavailable(f"The embedding model in {folder} cannot be loaded.") from error
    tokenizer.no_padding()
    tokenizer.enable_truncation(manifest.max_tokens)
    return tokenizer, session
