// Something that is loaded: its value, what went wrong, and how to load it again.
import { type DependencyList, useCallback, useEffect, useRef, useState } from "react";

export interface Resource<Value> {
  value: Value | undefined;
  error: unknown;
  isLoading: boolean;
  reload: () => void;
}

interface Loaded<Value> {
  value: Value | undefined;
  error: unknown;
  isLoading: boolean;
}

/** Loads when `dependencies` change. A value stays shown while it is loaded again. */
export function useResource<Value>(load: () => Promise<Value>, dependencies: DependencyList): Resource<Value> {
  const [loaded, setLoaded] = useState<Loaded<Value>>({ value: undefined, error: undefined, isLoading: true });
  const latest = useRef(0);
  const run = useCallback(() => {
    const turn = ++latest.current;
    // An answer that comes after a later question is left out.
    const settle = (change: Partial<Loaded<Value>>) => {
      if (turn === latest.current) setLoaded((before) => ({ ...before, ...change, isLoading: false }));
    };
    setLoaded((before) => ({ ...before, isLoading: true }));
    load().then(
      (value) => settle({ value, error: undefined }),
      (error: unknown) => settle({ value: undefined, error }),
    );
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the caller names what `load` depends on
  }, dependencies);
  useEffect(() => {
    setLoaded({ value: undefined, error: undefined, isLoading: true });
    run();
    return () => {
      latest.current += 1;
    };
  }, [run]);
  return { ...loaded, reload: run };
}
