import { currentPeriod, unitOf } from '../lib/stats/periods.ts';
import type { PeriodTotals } from './api.ts';
import { describeChange } from './comparison.ts';
import { find, findText, newElement, setText } from './dom.ts';
import { formatRange, UNKNOWN } from './format.ts';
import { MEASURES, type Measure } from './measures.ts';
import type { Earlier } from './ranges.ts';
import { rangeOfSeries, sumOf } from './series.ts';

/** Says how a range changed against an earlier one. */
export class EarlierView {
  readonly #select: HTMLSelectElement;

  /** @param onChoose called when another range is to be compared */
  constructor(
    private readonly root: HTMLElement,
    onChoose: () => void,
  ) {
    this.#select = find(root, 'select', HTMLSelectElement);
    this.#select.addEventListener('change', onChoose);
  }

  get chosen(): Earlier {
    return this.#select.value === 'year' ? 'year' : 'before';
  }

  /** Leaves out periods that are not over yet. @param earlier as many periods, if there are any */
  show(series: readonly PeriodTotals[], earlier: readonly PeriodTotals[] | undefined, today: string): void {
    this.root.hidden = !earlier;
    if (!earlier) return;
    const now = series.filter(({ period }) => period < currentPeriod(unitOf(period), today));
    const before = earlier.slice(0, now.length);
    const [ours, theirs] = [sumOf(now), sumOf(before)];
    const say = (words: string) => setText(findText(this.root, '[data-show=ranges]'), words);
    if (now.length === 0) say('Nothing of this range is over yet.');
    else say(`${formatRange(rangeOfSeries(now))} against ${formatRange(rangeOfSeries(before))}:`);
    const isKnown = ({ format }: Measure) => format(ours) !== UNKNOWN && format(theirs) !== UNKNOWN;
    const changes = now.length > 0 ? MEASURES.filter(isKnown) : [];
    findText(this.root, '[data-show=changes]').replaceChildren(
      ...changes.map(({ title, of, format }) => {
        const change = describeChange(of(ours), of(theirs));
        const text = newElement('span', [change?.text ?? '']);
        text.ariaHidden = 'true';
        const spoken = newElement('span', [change?.spoken ?? '']);
        spoken.className = 'visually-hidden';
        return newElement('li', [text, spoken, ` ${title} from ${format(theirs)} to ${format(ours)}`]);
      }),
    );
  }
}
