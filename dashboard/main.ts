import { KeyNeeded } from './apiError.ts';
import { keepKey } from './apiKey.ts';
import { find, findText } from './dom.ts';
import { useConventions } from './format.ts';
import { KeyForm } from './keyForm.ts';
import { Page } from './page.ts';
import { poll } from './poll.ts';
import { openTablesForPrint } from './print.ts';
import { Status } from './status.ts';

const PAUSE_MS = 2000;

useConventions({ languages: [] });
openTablesForPrint();

const status = new Status();
const page = new Page(() => polling.now());
const keyForm = new KeyForm((key) => {
  keepKey(key);
  status.unlocking();
  polling.now();
});

find(document, '#status', HTMLButtonElement).addEventListener('click', () => {
  findText(document, '#pipeline').scrollIntoView({ block: 'start' });
  findText(document, '#pipeline-heading').focus({ preventScroll: true });
});

const polling = poll(async () => {
  if (keyForm.isWaiting) return;
  try {
    await page.refresh();
  } catch (error) {
    if (!(error instanceof KeyNeeded)) throw error;
    keepKey(undefined);
    status.locked(error.isKeyRefused);
    keyForm.ask(error.isKeyRefused);
    return;
  }
  const { problem, level } = page;
  if (problem === undefined && level) status.live(level, page.time);
  else status.away(problem ?? '', level);
  keyForm.close();
}, PAUSE_MS);
