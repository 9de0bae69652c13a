// The history of an execution: all of it, then what is new while it runs.
import { GetExecutionHistoryCommand, type HistoryEvent } from "@aws-sdk/client-sfn";
import { useEffect, useState } from "react";
import type { Clients } from "../../aws/clients.ts";

const PAGE = 1000;
const PIECE = 6 * PAGE;

export interface History {
  events: HistoryEvent[];
  error: unknown;
  isComplete: boolean;
}

/** Loads again whenever `turn` changes; only what is not there yet is asked for. */
export function useHistory(sfn: Clients["sfn"], executionArn: string, turn: number): History {
  const [history, setHistory] = useState<History>({ events: [], error: undefined, isComplete: false });
  useEffect(() => {
    let isCurrent = true;
    const add = (found: HistoryEvent[]) => {
      if (isCurrent && found.length > 0) setHistory((before) => ({ ...before, error: undefined, events: merged(before.events, found) }));
    };
    const last = history.events[history.events.length - 1]?.id ?? 0;
    const loading = last === 0 ? loadAll(sfn, executionArn, add, () => isCurrent) : loadNew(sfn, executionArn, last, add);
    loading.then(
      () => isCurrent && setHistory((before) => ({ ...before, isComplete: true })),
      (error: unknown) => isCurrent && setHistory((before) => ({ ...before, error, isComplete: true })),
    );
    return () => {
      isCurrent = false;
    };
  }, [sfn, executionArn, turn]);
  return history;
}

/** The first page at once, then in larger pieces: each piece is folded and drawn anew. */
async function loadAll(sfn: Clients["sfn"], executionArn: string, add: (events: HistoryEvent[]) => void, isWanted: () => boolean): Promise<void> {
  let nextToken: string | undefined;
  let waiting: HistoryEvent[] = [];
  let isFirst = true;
  do {
    const page = await sfn.send(new GetExecutionHistoryCommand({ executionArn, nextToken, maxResults: PAGE, includeExecutionData: true }));
    waiting.push(...(page.events ?? []));
    nextToken = page.nextToken;
    if (isFirst || !nextToken || waiting.length >= PIECE) {
      add(waiting);
      [waiting, isFirst] = [[], false];
    }
  } while (nextToken && isWanted());
}

/** From the end back to what is known. */
async function loadNew(sfn: Clients["sfn"], executionArn: string, last: number, add: (events: HistoryEvent[]) => void): Promise<void> {
  const found: HistoryEvent[] = [];
  let nextToken: string | undefined;
  do {
    const page = await sfn.send(new GetExecutionHistoryCommand({ executionArn, nextToken, maxResults: PAGE, reverseOrder: true, includeExecutionData: true }));
    const fresh = (page.events ?? []).filter(({ id = 0 }) => id > last);
    found.push(...fresh);
    nextToken = fresh.length === PAGE ? page.nextToken : undefined;
  } while (nextToken);
  add(found.reverse());
}

/** Each event once, in order, whatever came twice. */
function merged(before: HistoryEvent[], found: HistoryEvent[]): HistoryEvent[] {
  const last = before[before.length - 1]?.id ?? 0;
  return [...before, ...found.filter(({ id = 0 }) => id > last)];
}
