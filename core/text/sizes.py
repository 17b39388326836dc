"""Numbers of bytes in words."""


def format_size(size: int) -> str:
    """Return a number of bytes in decimal units.

    Examples
    --------
    >>> format_size(0), format_size(999_999), format_size(1_234_000_000), format_size(64 << 20)
    ('0 MB', '1.0 MB', '1.2 GB', '67 MB')
    """
    megabytes = size / 1e6
    if megabytes < 0.05:
        return "0 MB"
    if megabytes < 10:
        return f"{megabytes:.1f} MB"
    return f"{megabytes:.0f} MB" if megabytes < 1000 else f"{megabytes / 1000:.1f} GB"
