"""Which model a live loop answers with: another one at once, and one step back."""

from pathlib import Path

from ..errors import HappySadError, ModelError
from ..model.choice import candidates, find, packaged
from ..model.file import check_model, read_content
from ..model.signature import check_unsigned
from ..model.store import ModelStore
from ..self_test import self_test
from .watch import Watch


class Switch:
    """Changes the model of a loop that runs, and the one of the next start with it.

    For one thread at a time, which may take its time: the loop only changes over between two
    moments.
    """

    def __init__(self, watch: Watch, store: ModelStore, named: Path | None) -> None:
        """Changes nothing yet; `named` is the model that the user has named, if one was."""
        self._watch, self._store, self._named = watch, store, named
        self._now: Path | None = None  # from the next moment on
        self._former: Path | None = None

    @property
    def now(self) -> Path:
        """The file of the model that answers, or will from the next moment on."""
        return self._now or self._watch.model_path

    @property
    def before(self) -> Path | None:
        """The file of the model to go back to; None where there is none."""
        chosen = [self._former] if self._former else []
        if not chosen and (name := self._store.previous):
            chosen = [path for path in (find(self._store, name),) if path]
        others = [path for path in (*chosen, *packaged().values()) if path != self.now]
        return others[0] if others else None

    @property
    def next_start(self) -> Path | None:
        """The file of the model that the next start of the program takes; None for none."""
        try:
            return candidates(self._named)[0]
        except HappySadError:
            return None

    def check(self) -> None:
        """Refuses to take a model that is made here, where only signed ones are installed.

        Raises:
            ModelError: There is a file of keys.
        """
        check_unsigned(self._store.signers)

    def take(self, content: bytes) -> Path:
        """Installs a model and answers with it.

        Returns:
            Where it is installed.

        Raises:
            HappySadError: It does not pass its self-test here, or cannot be installed, as where
                only signed ones are.
        """
        self.check()
        name = "the taught model"
        self_test(content, name)
        path = find(self._store, self._store.install(content, check_model(content, name).name))
        assert path
        self._answer_with(path, content)
        return path

    def back(self) -> None:
        """Answers with the model before; once more, and it is the one after.

        Raises:
            HappySadError: There is none, or it cannot be used.
        """
        path = self.before
        if path is None:
            raise ModelError("there is no model to go back to")
        content = read_content(path)
        self_test(content, path)
        self._answer_with(path, content)
        is_known = find(self._store, path.stem) == path
        self._store.use(path.stem if is_known else next(iter(packaged())))

    def _answer_with(self, path: Path, content: bytes) -> None:
        former = self.now
        self._watch.use(path, self._watch.load(path, content))
        self._now, self._former = path, former
