"""DBOS's side: a workflow of three steps, each recorded: dbos_flow.py DATABASE_URL CLIENTS SECONDS WARM_UP_SECONDS"""

import asyncio
import json
import os
import sys
import time

from dbos import DBOS, DBOSConfig

URL, CLIENTS, SECONDS, WARM_UP = sys.argv[1], *map(float, sys.argv[2:5])
CONFIG: DBOSConfig = {"name": "bench", "system_database_url": URL, "run_admin_server": False, "log_level": "ERROR"}


@DBOS.step()
async def step(value):
    return value


@DBOS.workflow()
async def flow(value):
    for _ in range(3):
        value = await step(value)
    return value


async def client(begin, end, millis):
    while time.perf_counter() < end:
        began = time.perf_counter()
        await flow("{}")
        if began >= begin:
            millis.append((time.perf_counter() - began) * 1000)


async def main():
    millis = []
    begin = time.perf_counter() + WARM_UP
    await asyncio.gather(*(client(begin, begin + SECONDS, millis) for _ in range(int(CLIENTS))))
    millis.sort()
    result = {"perSecond": round(len(millis) / SECONDS)}
    for name, part in (("p50Millis", 0.5), ("p99Millis", 0.99)):
        result[name] = millis[min(int(part * len(millis)), len(millis) - 1)]
    print(json.dumps(result), flush=True)
    os._exit(0)


DBOS(config=CONFIG)
DBOS.launch()
asyncio.run(main())
