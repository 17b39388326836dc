"""From a file to text: recognition of formats, and unpacking within limits."""
