"""Lambda's part: `python invoker.py MODULE FOLDER …` imports the handler once, and calls it for each event.

An event is a line of JSON on standard input, its answer a line on standard output; what the function
itself prints goes to standard error. Uses nothing but the standard library, since it runs on the
package's own path.
"""

import importlib
import json
import os
import sys
import time


def main(module: str, folders: list[str]) -> None:
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.path[:0] = folders

    def tell(**told: object) -> None:
        answers.write(json.dumps(told) + "\n")
        answers.flush()

    started = time.perf_counter()
    handler = importlib.import_module(module)
    tell(seconds=time.perf_counter() - started, processor=time.process_time())
    for line in sys.stdin:
        event, started = json.loads(line), time.perf_counter()
        if event is None:
            tell(modules=sorted(sys.modules))
        else:
            answer = handler.lambda_handler(event, None)
            tell(answer=answer, seconds=time.perf_counter() - started)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
