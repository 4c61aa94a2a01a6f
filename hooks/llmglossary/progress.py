"""Progress bars for work that may take long."""

from tqdm import tqdm


class Bar(tqdm):  # type: ignore[type-arg]
    """A progress bar without the usual thread, which would keep `forked` from its work."""

    monitor_interval = 0
