import { dayOfHour, type HourOf, hourIn, hourInUtc } from '../lib/orders/calendar.ts';
import { lastPeriods } from '../lib/stats/periods.ts';
import { type Address, formatAddress, parseAddress } from './address.ts';
import { globalStatistics, type Health, health, type Pipeline, pipeline } from './api.ts';
import { useConventions } from './format.ts';
import { PipelineHistory } from './history.ts';
import { OverTimeView, type Recent } from './overTimeView.ts';
import { PipelineView } from './pipelineView.ts';
import { Reader } from './reader.ts';
import { withoutHoles } from './series.ts';
import { showStage } from './status.ts';
import { DAYS_NEEDED, TodayView } from './todayView.ts';
import { TopUsersTable } from './topUsers.ts';
import { Turns } from './turns.ts';
import { UserView } from './userView.ts';
import type { Level } from './verdict.ts';

/** Everything is read again at this interval even without news, because an operator may have changed Redis. */
const REREAD_MS = 60_000;

/** Connects the parts of the page, and decides when to ask the API for which part. */
export class Page {
  readonly #today = new TodayView();
  readonly #overTime = new OverTimeView((choice) => this.#go({ ...this.#address, choice }));
  readonly #topUsers = new TopUsersTable();
  readonly #user = new UserView((userId) => this.#go({ ...this.#address, userId }));
  readonly #pipeline = new PipelineView();
  readonly #history = new PipelineHistory();

  readonly #readers = {
    pipeline: new Reader(() => this.#readPipeline()),
    health: new Reader(async () => this.#showHealth(await health())),
    totals: new Reader(() => this.#readTotals()),
    days: new Reader(() => this.#readDays()),
    range: new Reader(
      () => this.#showRange(),
      () => this.#hasOrders && this.#recent !== undefined && this.#overTime.needsMore(this.#recent, this.#day),
    ),
    topUsers: new Reader(() => this.#topUsers.refresh()),
    userTotals: new Reader(
      () => this.#user.readTotals(),
      () => this.#address.userId !== undefined,
    ),
    userMonths: new Reader(
      () => this.#user.readMonths(this.#day),
      () => this.#address.userId !== undefined,
    ),
  };
  readonly #turns: Turns;
  /** Read before anything else. */
  #urgent: Reader[] = [];
  #hasBegun = false;

  #address: Address = {};
  #health: Health | undefined;
  #hourOf: HourOf = hourInUtc;
  #lastPipeline: Pipeline | undefined;
  #recent: Recent | undefined;
  #hasOrders = false;
  #news = 0;
  #newsAt = 0;
  #newsDay = '';

  /** @param onUrgent called when {@link refresh} should run at once */
  constructor(private readonly onUrgent: () => void) {
    const { pipeline, days, totals, range, topUsers, userTotals, userMonths } = this.#readers;
    this.#turns = new Turns(pipeline, days, [topUsers, userTotals, userMonths, range, totals]);
    this.#follow(parseAddress(location.hash));
    addEventListener('hashchange', () => this.#onAddress());
  }

  /** Undefined if not known. */
  get level(): Level | undefined {
    return this.#level;
  }
  #level: Level | undefined;

  /** Why something could not be read, as a sentence. */
  get problem(): string | undefined {
    const failure = Object.values(this.#readers).find(({ failure }) => failure)?.failure;
    if (failure) return failure.message;
    return this.#lastPipeline?.messages ? undefined : 'The statistics cannot be read at the moment.';
  }

  /**
   * Reads one part; the first time, all parts. While there is no news, only the state of the pipeline is read.
   *
   * @throws KeyNeeded
   */
  async refresh(): Promise<void> {
    if (!this.#hasBegun) return this.#begin();
    const next = () => (this.#canRead() ? this.#turns.next(this.#news) : this.#readers.pipeline);
    const reader = this.#urgent.shift() ?? next();
    await reader.read(this.#news);
    if (this.#urgent.length > 0) this.onUrgent();
  }

  async #begin(): Promise<void> {
    const { pipeline, health, days, totals, range, ...others } = this.#readers;
    await pipeline.read(this.#news);
    if (!this.#canRead()) return;
    await health.read(this.#news);
    if (!this.#health) return;
    this.#hasBegun = true;
    const read = (reader: Reader) => (reader.isStale(this.#news) ? reader.read(this.#news) : undefined);
    const both = Promise.all([read(days), read(totals)]);
    await Promise.all([both.then(() => read(range)), ...Object.values(others).map(read)]);
  }

  #canRead(): boolean {
    return !this.#readers.pipeline.failure && Boolean(this.#lastPipeline?.messages);
  }

  async #readPipeline(): Promise<void> {
    try {
      this.#lastPipeline = await pipeline();
    } catch (error) {
      this.#level = undefined;
      this.#pipeline.unknown();
      throw error;
    }
    const now = performance.now();
    const hasResults = this.#history.add(this.#lastPipeline, now);
    if (hasResults || now - this.#newsAt >= REREAD_MS || this.#day !== this.#newsDay) {
      this.#news++;
      this.#newsAt = now;
      this.#newsDay = this.#day;
    }
    this.#level = this.#pipeline.show(this.#lastPipeline, this.#history, now, this.#health?.stage);
  }

  #showHealth(health: Health): void {
    this.#health = health;
    this.#hourOf = hourIn(health.timeZone);
    useConventions({ currency: health.currency, timeZone: health.timeZone });
    showStage(health);
  }

  async #readTotals(): Promise<void> {
    const totals = await globalStatistics.totals();
    this.#overTime.showAll(totals);
    this.#showWhetherOrders(totals.orders > 0);
  }

  #showWhetherOrders(hasOrders: boolean): void {
    this.#hasOrders = hasOrders;
    document.body.dataset.orders = hasOrders ? 'some' : 'none';
  }

  async #readDays(): Promise<void> {
    const range = lastPeriods('day', DAYS_NEEDED, this.#day);
    const totals = await globalStatistics.range(range);
    this.#recent = { range, totals };
    this.#today.show(withoutHoles(range, totals.periods));
    if (totals.orders > 0) this.#showWhetherOrders(true);
    if (!this.#overTime.needsMore(this.#recent, this.#day)) await this.#showRange();
  }

  async #showRange(): Promise<void> {
    if (this.#recent) await this.#overTime.refresh(this.#recent, this.#day);
  }

  /** Today in the time zone of the stage. */
  get #day(): string {
    return dayOfHour(this.#hourOf(Date.now()));
  }

  #go(address: Address): void {
    const hash = formatAddress(address);
    if (hash === location.hash) this.#onAddress();
    else location.hash = hash;
  }

  #onAddress(): void {
    const before = this.#address.userId;
    this.#follow(parseAddress(location.hash));
    const { range, userTotals, userMonths } = this.#readers;
    const { userId } = this.#address;
    this.#urgent = userId === undefined ? [range] : [range, userTotals, userMonths];
    if (userId !== undefined && userId !== before) this.#user.focus();
    this.onUrgent();
  }

  #follow(address: Address): void {
    this.#address = address;
    this.#overTime.choose(address.choice, address.userId);
    this.#topUsers.choose(address.userId, address.choice);
    this.#user.choose(address.userId, address.choice);
  }
}
