const firstPauseMs = 1000;
const longestPauseMs = 60_000;

export interface EventLine {
  isOpen(): boolean;
  close(): void;
}

/**
 * Hears the events of a path for as long as the page is open. A browser connects again by itself when its line breaks,
 * but gives up for good once it is answered an error, as by a proxy while the portal starts again: then the line is
 * opened anew, after pauses that grow, as long as `mayGoOn` says so.
 */
export function openEventLine(
  address: () => string,
  heard: Record<string, (event: MessageEvent) => void>,
  {
    opened = () => {},
    mayGoOn = async () => true,
  }: { opened?: () => void; mayGoOn?: () => Promise<boolean> },
): EventLine {
  let source: EventSource;
  let pause = firstPauseMs;
  let timer: number | undefined;
  let isClosed = false;

  function open(): void {
    source = new EventSource(address());
    for (const [name, hear] of Object.entries(heard)) source.addEventListener(name, hear);
    source.addEventListener("open", () => {
      pause = firstPauseMs;
      opened();
    });
    source.addEventListener("error", () => {
      if (source.readyState === EventSource.CLOSED) void again();
    });
  }

  async function again(): Promise<void> {
    if (!(await mayGoOn()) || isClosed) return;
    timer = window.setTimeout(open, pause);
    pause = Math.min(pause * 2, longestPauseMs);
  }

  open();
  return {
    isOpen: () => source.readyState === EventSource.OPEN,
    close() {
      isClosed = true;
      clearTimeout(timer);
      source.close();
    },
  };
}
