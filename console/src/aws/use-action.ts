// Something a person asks for with a button: it runs once at a time, and its failure is shown where it was asked.
import { useState } from "react";

export interface Action {
  isRunning: boolean;
  error: unknown;
  run: (act: () => Promise<void>) => Promise<void>;
  clear: () => void;
}

export function useAction(): Action {
  const [isRunning, setRunning] = useState(false);
  const [error, setError] = useState<unknown>();
  const run = async (act: () => Promise<void>) => {
    setRunning(true);
    setError(undefined);
    try {
      await act();
    } catch (failed) {
      setError(failed);
    } finally {
      setRunning(false);
    }
  };
  return { isRunning, error, run, clear: () => setError(undefined) };
}
