"""Linear algebra in one thread."""

from contextlib import AbstractContextManager, nullcontext


def one_blas_thread() -> AbstractContextManager[object]:
    """Return a context in which BLAS uses one thread; without threadpoolctl, as in a bundle, it uses as many as it likes."""
    try:
        from threadpoolctl import threadpool_limits
    except ImportError:
        return nullcontext()
    limits: AbstractContextManager[object] = threadpool_limits(1, "blas")
    return limits
