import type { Health } from './api.ts';
import { findText, setText } from './dom.ts';

/** Shows what is deployed, and what depends on the stage. */
export function showStage({ stage, version, timeZone, currency }: Health): void {
  setText(findText(document, '#stage'), stage);
  setText(findText(document, '#time-zone'), timeZone);
  setText(findText(document, '#currency'), currency);
  setText(findText(document, '#version'), `Version ${version}`);
  // Elsewhere nobody should send made-up orders.
  findText(document, '#empty-local').hidden = stage !== 'local';
  findText(document, '#empty-other').hidden = stage === 'local';
}
