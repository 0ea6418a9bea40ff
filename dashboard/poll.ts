export type Polling = {
  /** Runs the work at once or, if it is running, once more after it. */
  now(): void;
};

/** Runs some work now, and again after a pause while the page is visible. Never runs it twice at a time. */
export function poll(work: () => Promise<void>, pauseMs: number): Polling {
  let timer: number | undefined;
  let isWorking = false;
  let isWantedAgain = false;

  const now = async () => {
    if (isWorking) {
      isWantedAgain = true;
      return;
    }
    clearTimeout(timer);
    isWorking = true;
    try {
      do {
        isWantedAgain = false;
        await work();
      } while (isWantedAgain);
    } finally {
      isWorking = false;
      if (!document.hidden) timer = setTimeout(now, pauseMs);
    }
  };

  document.addEventListener('visibilitychange', () => {
    if (document.hidden) clearTimeout(timer);
    else now();
  });
  now();
  return { now };
}
