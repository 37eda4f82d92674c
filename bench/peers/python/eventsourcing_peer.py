"""PyPI eventsourcing under the ledger's work: eventsourcing_peer.py URL WORK CLIENTS.

An aggregate per card; the read models in the transaction of the events, by a recorder of our own, as its
documentation shows. One interpreter runs on one core, so the clients are threads of two processes.
`bench/ledger/src/peers.rs` says how it is spoken to.
"""

import json
import multiprocessing
import re
import sys
import threading
import time
from urllib.parse import urlparse
from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.application import AggregateNotFoundError, Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import IntegrityError
from eventsourcing.postgres import PostgresApplicationRecorder

STATEMENTS: list = []
SCANS: list = []


class Card(Aggregate):
    """Its first event creates it, as `Scanned` does the others: none is added for the aggregate's sake."""

    @event("Registered")
    def __init__(self, card_unit_id: str, event_type: str, data: dict, occurred_at: str, station_id: str,
                 operator_id: str, correlation_id: str):
        self.card_unit_id = card_unit_id
        self.events = 1

    @staticmethod
    def create_id(card_unit_id: str) -> UUID:
        return uuid5(NAMESPACE_URL, card_unit_id)

    @event("Scanned")
    def scanned(self, event_type: str, data: dict, occurred_at: str, station_id: str, operator_id: str,
                correlation_id: str) -> None:
        self.events += 1


class Recorder(PostgresApplicationRecorder):
    def _insert_events(self, curs, stored_events, *, scan: int, **kwargs):
        for statement, values in SCANS[scan]["writes"]:
            curs.execute(STATEMENTS[statement], values, prepare=True)
        super()._insert_events(curs, stored_events, **kwargs)


class Shop(Application):
    def scan(self, number: int) -> None:
        scan = SCANS[number]
        events = [
            {key: one[key] for key in ("data", "occurred_at", "station_id", "operator_id", "correlation_id")}
            | {"event_type": one["type"]}
            for one in scan["events"]
        ]
        try:
            card = self.repository.get(Card.create_id(scan["stream"]))
        except AggregateNotFoundError:
            card = Card(card_unit_id=scan["stream"], **events.pop(0))
        for one in events:
            card.scanned(**one)
        self.save(card, scan=number)


def worker(url, units, clients, ready, go, stop, results, window):
    at = urlparse(url)
    shop = Shop(env={
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "APPLICATION_RECORDER_TOPIC": f"{__name__}:Recorder",
        "POSTGRES_DBNAME": at.path.lstrip("/"),
        "POSTGRES_HOST": at.hostname,
        "POSTGRES_PORT": str(at.port),
        "POSTGRES_USER": at.username,
        "POSTGRES_PASSWORD": at.password or "",
        "POSTGRES_POOL_SIZE": str(clients),
        "POSTGRES_MAX_OVERFLOW": "2",
        "POSTGRES_MAX_WAITING": "0",
        "POSTGRES_LOCK_TIMEOUT": "30",
    })
    work = iter(units)
    taking = threading.Lock()
    seen: list = []
    retries = [0]

    def client():
        mine = []
        while not stop.is_set():
            with taking:
                unit = next(work, None)
            if unit is None:
                break
            for number in unit:
                start = time.monotonic()
                while True:
                    try:
                        shop.scan(number)
                        break
                    except IntegrityError:
                        retries[0] += 1
                mine.append((start, time.monotonic()))
        with taking:
            seen.extend(mine)

    ready.release()
    go.wait()
    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    first, last = window
    seen = [end - start for start, end in seen if first.value <= end < last.value]
    results.put((seen, retries[0]))


def main():
    url, path, clients = sys.argv[1], sys.argv[2], int(sys.argv[3])
    units = []
    with open(path) as work:
        statements = json.loads(next(work))["statements"]
        STATEMENTS.extend(re.sub(r"\$\d+", "%s", text) for text in statements)
        for line in work:
            scans = json.loads(line)
            units.append(range(len(SCANS), len(SCANS) + len(scans)))
            SCANS.extend(scans)
    processes = min(2, clients)
    ready = multiprocessing.Semaphore(0)
    go, stop = multiprocessing.Event(), multiprocessing.Event()
    results = multiprocessing.Queue()
    window = (multiprocessing.Value("d", 0.0), multiprocessing.Value("d", float("inf")))
    workers = []
    for index in range(processes):
        shared = (url, units[index::processes], clients // processes, ready, go, stop, results, window)
        workers.append(multiprocessing.Process(target=worker, args=shared, daemon=True))
        workers[-1].start()
        ready.acquire()  # one after the other: the first makes the tables
    print("ready", flush=True)
    warm_up, measured = (int(word) / 1000 for word in sys.stdin.readline().split()[1:])
    go.set()
    time.sleep(warm_up)
    window[0].value = time.monotonic()
    time.sleep(measured)
    window[1].value = time.monotonic()
    stop.set()
    seen, retries = [], 0
    for _ in workers:
        some, again = results.get()
        seen.extend(some)
        retries += again
    seconds = window[1].value - window[0].value
    seen.sort()
    quantile = lambda share: seen[int((len(seen) - 1) * share)] * 1000 if seen else 0
    print(f"done {len(seen)} {seconds} {quantile(0.5)} {quantile(0.99)} {retries} 0", flush=True)
    for one in workers:
        one.join()


if __name__ == "__main__":
    multiprocessing.set_start_method("fork")
    main()
