"""From a file to text: formats are recognised, archives and workbooks unpacked within limits."""
