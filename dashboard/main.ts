import { globalStatistics, health, type Totals } from './api.ts';
import { keepKey } from './apiKey.ts';
import { findText, setText } from './dom.ts';
import { KeyForm } from './keyForm.ts';
import { poll } from './poll.ts';
import { ApiError, KeyNeeded } from './read.ts';
import { StatisticsView } from './statisticsView.ts';
import { Status } from './status.ts';
import { TopUsersTable } from './topUsers.ts';
import { sameTotals } from './totals.ts';
import { UserSearch } from './userSearch.ts';

const PAUSE_MS = 1500;

/** Users are counted after the global totals, once in a while much later: every so many rounds they are read anyway. */
const ROUNDS_WITHOUT_NEWS = 20;

const status = new Status();
const everybody = new StatisticsView(globalStatistics, findText(document, '#everybody'), 'Revenue', () =>
  polling.now(),
);
const users = new UserSearch(() => polling.now());
const topUsers = new TopUsersTable((userId) => users.goTo(userId));
const keyForm = new KeyForm((key) => {
  keepKey(key);
  status.unlocking();
  polling.now();
});

let lastTotals: Totals | undefined;
let rounds = 0;
let isVersionShown = false;

const polling = poll(async () => {
  if (keyForm.isWaiting) return;
  try {
    await refresh();
    status.live();
    keyForm.close();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error instanceof KeyNeeded) {
      keepKey(undefined);
      status.locked(error.isKeyRefused);
      keyForm.ask(error.isKeyRefused);
    } else {
      status.away(error.message);
      keyForm.close();
    }
  }
}, PAUSE_MS);

async function refresh(): Promise<void> {
  const totals = await everybody.refresh();
  if (!totals) return;
  document.body.dataset.orders = totals.orders > 0 ? 'some' : 'none';
  if (!sameTotals(totals, lastTotals)) rounds = 0;
  const hasNews = rounds < 2 || rounds % ROUNDS_WITHOUT_NEWS === 0;
  if (hasNews) await topUsers.refresh();
  await users.refresh(hasNews);
  if (!isVersionShown) await showVersion();
  lastTotals = totals;
  rounds++;
}

async function showVersion(): Promise<void> {
  const { stage, version } = await health();
  setText(findText(document, '#version'), `Version ${version}, stage ${stage}`);
  isVersionShown = true;
}
