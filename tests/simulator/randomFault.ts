import { pickNumber, type Random } from '../../scripts/shared/random.ts';
import type { Cut } from './network.ts';
import type { S3State } from './s3Client.ts';
import type { SqsState } from './sqsClient.ts';
import type { TargetKind } from './target.ts';

/** What goes wrong. A fault that lasts heals after `ms` milliseconds. */
export type Fault =
  | { readonly kind: 'cut'; readonly what: Cut['what']; readonly passing: number }
  | { readonly kind: 'lose connections'; readonly how: 'closed' | 'reset' | 'silent' }
  | { readonly kind: 'forget scripts' }
  | { readonly kind: 'network apart' | 'out of memory' | 'read-only' | 'too few replicas'; readonly ms: number }
  | { readonly kind: 'network slow'; readonly ms: number; readonly slowness: number }
  | { readonly kind: 'hang'; readonly ms: number; readonly node: number }
  /** The file lacks the writes of the last `lossMs` milliseconds. */
  | { readonly kind: 'kill'; readonly ms: number; readonly loadingMs: number; readonly lossMs: number }
  /** The writes of the last `lossMs` milliseconds have not reached the replica. */
  | { readonly kind: 'failover'; readonly ms: number; readonly lossMs: number }
  | { readonly kind: 'clock jumps'; readonly by: number; readonly ms: number; readonly node: number }
  | { readonly kind: 'slot moves'; readonly shard: number; readonly ms: number }
  | { readonly kind: 'SQS'; readonly state: SqsState; readonly ms: number }
  | { readonly kind: 'S3'; readonly state: S3State; readonly ms: number }
  | { readonly kind: 'deployment' }
  /** `isReplay`: of the replay, else of any function. */
  | { readonly kind: 'container dies' | 'container starves'; readonly ms: number; readonly isReplay?: boolean }
  | { readonly kind: 'snapshot' }
  /** Redis, or a node of a cluster, starts with nothing, or with the latest snapshot. `isNew`: on another server. */
  | { readonly kind: 'empty' | 'old snapshot'; readonly node: number; readonly isNew: boolean }
  /** Nothing invokes the replay. */
  | { readonly kind: 'no replays'; readonly ms: number }
  /** The archive is replayed. Another fault happens once the replay has sent `passing` requests to Redis. */
  | { readonly kind: 'replay'; readonly passing: number; readonly meanwhile: Fault };

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Which faults a schedule may have: those of the target, and whether clocks may be wrong by days. */
export type FaultSettings = { readonly target: TargetKind; readonly mayJump: boolean; readonly isLong: boolean };

/** A fault that can happen in a schedule. */
export function randomFault(settings: FaultSettings, random: Random): Fault {
  const { target, mayJump, isLong } = settings;
  const ms = pick([200, 900, 1500, 5 * SECOND, MINUTE, 20 * MINUTE, 3 * HOUR], random);
  const node = pickNumber(random, 3);
  const lossMs = random() < 0.5 ? 0 : pickNumber(random, pick([SECOND, MINUTE, HOUR, 3 * HOUR], random));
  const isNew = random() < 0.5;
  // In a long schedule with its many faults and orders, Redis would be filled again most of the time.
  const chance = random() * (isLong ? 3 : 1);
  if (chance < 0.08) return { kind: random() < 0.4 ? 'empty' : 'old snapshot', node, isNew };
  if (chance < 0.16) {
    const meanwhile = random() < 0.7 ? duringReplay(node, random) : randomFault(settings, random);
    return { kind: 'replay', passing: pickNumber(random, pick([3, 8, 30], random)), meanwhile };
  }
  if (chance < 0.17) return { kind: 'no replays', ms: pick([HOUR, DAY, (isLong ? 40 : 10) * DAY], random) };
  const any: (() => Fault)[] = [
    () => ({ kind: 'cut', what: random() < 0.5 ? 'request' : 'reply', passing: pickNumber(random, 8) }),
    () => ({ kind: 'cut', what: 'reply', passing: pickNumber(random, 3) }),
    () => ({ kind: 'lose connections', how: pick(['closed', 'reset', 'silent'], random) }),
    () => ({ kind: 'forget scripts' }),
    () => ({ kind: 'network apart', ms }),
    () => ({ kind: 'network slow', ms, slowness: pick([20, 300, 1200], random) }),
    () => ({ kind: 'out of memory', ms }),
    () => ({ kind: 'too few replicas', ms }),
    () => ({ kind: 'hang', ms, node }),
    () => ({ kind: 'clock jumps', ms, node, by: pick(mayJump ? JUMPS : [-HOUR, HOUR], random) }),
    () => ({ kind: 'S3', state: pick(['failing', 'silent', 'answerLost', 'slow', 'late'], random), ms }),
    () => ({ kind: 'S3', state: pick(['answerLost', 'slow', 'late'], random), ms }),
    () => ({ kind: 'SQS', state: pick(['failing', 'silent', 'answerLost'], random), ms }),
    () => ({ kind: 'deployment' }),
    () => ({ kind: 'container dies', ms }),
    () => ({ kind: 'container dies', ms }),
    () => ({ kind: 'container starves', ms: pick([150, 1100, 6 * SECOND, 12 * SECOND], random) }),
  ];
  const own: Record<TargetKind, (() => Fault)[]> = {
    memory: [() => ({ kind: 'read-only', ms })],
    disk: [
      () => ({ kind: 'kill', ms, loadingMs: pickNumber(random, 3) * SECOND, lossMs }),
      () => ({ kind: 'kill', ms, loadingMs: 0, lossMs: SECOND }),
      () => ({ kind: 'read-only', ms }),
    ],
    pair: [
      () => ({ kind: 'failover', ms: Math.min(ms, MINUTE), lossMs }),
      () => ({ kind: 'failover', ms: Math.min(ms, MINUTE), lossMs: 0 }),
    ],
    cluster: Array.from({ length: 4 }, () => () => ({ kind: 'slot moves', ms, shard: pickNumber(random, 12) })),
  };
  const isOwn = random() < (target === 'memory' ? 0.06 : 0.35);
  const faults = isOwn ? own[target] : any;
  return faults[pickNumber(random, faults.length)]?.() ?? { kind: 'deployment' };
}

const JUMPS: readonly [number, ...number[]] = [-HOUR, HOUR, DAY, 9 * DAY, -400 * DAY, 400 * DAY];

/** What is likely to disturb a replay. */
function duringReplay(node: number, random: Random): Fault {
  const ms = pick([150, 1100, 6 * SECOND, MINUTE], random);
  const faults: readonly [Fault, ...Fault[]] = [
    { kind: 'container dies', ms, isReplay: true },
    { kind: 'container starves', ms, isReplay: true },
    // On the same server, so that the replay goes on.
    { kind: 'empty', node, isNew: false },
    { kind: 'old snapshot', node, isNew: false },
    { kind: 'old snapshot', node, isNew: true },
    { kind: 'replay', passing: 3, meanwhile: { kind: 'container dies', ms, isReplay: true } },
    { kind: 'S3', state: 'slow', ms: 20 * MINUTE },
  ];
  return pick(faults, random);
}

const pick = <T>(list: readonly [T, ...T[]], random: Random): T => list[pickNumber(random, list.length)] ?? list[0];
