/** Work that is done again and again. */
export type Polling = {
  /** Has it done at once, or once more where it is being done. */
  now(): void;
};

/** Does some work now and a while after each end of it, as long as the page is visible. Never twice at a time. */
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
