"""The API's routes, each written once, for the blocking and the asynchronous client alike."""
