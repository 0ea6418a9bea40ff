import { pickNumber, type Random } from '../../scripts/shared/random.ts';
import type { RawConnection } from './rawConnection.ts';
import type { RedisNode } from './redisNode.ts';
import { endOfValue, readValue, type Value } from './resp.ts';
import { scan } from './scan.ts';
import { SimulatedSocket } from './socket.ts';
import type { Actor, World } from './world.ts';

/** Follows a request of an actor. */
export type Watch = {
  /** A server has answered it, whether or not the answer will arrive. */
  executed(reply: Value, node: RedisNode): void;
  /** The answer has arrived. */
  arrived(): void;
};

/** Where names lead to at the moment. */
export type Resolve = (host: string, port: number) => RedisNode | undefined;

/** A connection as the network sees it. */
type Link = {
  readonly name: string;
  readonly socket: SimulatedSocket;
  readonly node: RedisNode;
  readonly random: Random;
  server: RawConnection | undefined;
  /** Leads nowhere, though neither end knows. */
  isLost: boolean;
  /** Whether requests still arrive that were sent before it was closed; undefined while it is open. */
  isDrained: boolean | undefined;
  lastArrival: number;
  lastDelivery: number;
};

/** A request on its way. */
type Request = { readonly bytes: Buffer; readonly name: string; readonly watch: Watch | undefined };

/** Cuts a connection: before a request reaches the server, or after the server has answered, before the answer arrives. */
export type Cut = { readonly what: 'request' | 'reply'; passing: number };

/** From one end to the other, in milliseconds. */
const LATENCY = { least: 0.1, most: 1.5 };

/** The network between actors and redis-servers: each request reaches its server at an instant that the seed decides. */
export class Network {
  /** Added to the latency at most, in milliseconds: where the network is slow. */
  slowness = 0;
  /** Whether nothing gets through to any server. */
  isApart = false;
  cut: Cut | undefined;
  /** When a connection was cut last. */
  cutAt = Number.NEGATIVE_INFINITY;
  readonly #links = new Set<Link>();
  /** What servers that hang have got, and do later. */
  #waiting: { readonly link: Link; readonly request: Request }[] = [];
  #connections = 0;

  constructor(
    private readonly world: World,
    private readonly resolve: Resolve,
    private readonly watch: (actor: Actor, request: readonly Buffer[]) => Watch | undefined,
  ) {}

  /** Begins to connect. */
  connect(host: string, port: number): SimulatedSocket {
    const actor = this.world.current;
    if (!actor) throw new Error('Nobody connects');
    const name = `${actor.name}/${this.#connections++}`;
    const random = this.world.random(`latency of ${name}`);
    const socket = new SimulatedSocket(this.world, actor);
    const later = (run: () => void) => this.world.after(this.#latency(random) * 2, run);
    later(() => {
      const node = this.resolve(host, port);
      if (this.isApart || actor.isDead) return;
      if (!node || node.state === 'down') {
        this.world.note(`${name} is refused`);
        socket.refuse();
        return;
      }
      this.#accept({
        name,
        socket,
        node,
        random,
        server: undefined,
        isLost: false,
        isDrained: undefined,
        lastArrival: 0,
        lastDelivery: 0,
      });
    });
    return socket;
  }

  #accept(link: Link): void {
    this.#links.add(link);
    let rest: Buffer = Buffer.alloc(0);
    link.socket.open({
      send: (bytes) => {
        rest = rest.length > 0 ? Buffer.concat([rest, bytes]) : bytes;
        for (let end = endOfValue(rest); end !== undefined; end = endOfValue(rest)) {
          this.#send(link, rest.subarray(0, end));
          rest = rest.subarray(end);
          if (rest.length === 0) break;
        }
      },
      end: () => {
        if (!link.isLost && !this.isApart) this.#deliver(link, () => this.close(link, 'closed'));
      },
      close: () => this.#forget(link),
    });
  }

  #send(link: Link, bytes: Buffer): void {
    const value = readValue(bytes, true);
    const parts = Array.isArray(value) ? value.filter((part) => Buffer.isBuffer(part)) : [];
    const name = `${parts[0] ?? ''}`.toUpperCase();
    const request: Request = { bytes, name, watch: this.watch(link.socket.actor, parts) };
    const at = Math.max(this.world.now + this.#latency(link.random), link.lastArrival);
    link.lastArrival = at;
    this.world.at(at, () => this.#arrive(link, request), { kind: 'network' });
  }

  async #arrive(link: Link, request: Request): Promise<void> {
    if (link.isLost || this.isApart) return;
    const { node } = link;
    if (node.state === 'hung') {
      this.#waiting.push({ link, request });
      return;
    }
    if (node.state === 'down') return;
    // What a client has sent before it closed the connection may be done all the same.
    if (!this.#links.has(link)) {
      link.isDrained ??= pickNumber(link.random, 2) === 0;
      if (!link.isDrained) return;
    }
    if (this.#isCut('request', link)) return;
    await this.#execute(link, request);
  }

  async #execute(link: Link, { bytes: request, name, watch }: Request): Promise<void> {
    const { node, socket } = link;
    const bytes = node.state === 'loading' ? LOADING : await this.#ask(link, request, name);
    const reply = readValue(bytes);
    this.world.note(`${link.name} ${name} at ${node.name}: ${describe(name, reply)}`);
    watch?.executed(reply, node);
    if (!this.#links.has(link) || this.#isCut('reply', link)) return;
    this.#deliver(link, () => {
      if (link.isLost || this.isApart || socket.destroyed) return;
      watch?.arrived();
      socket.receive(bytes);
    });
  }

  async #ask(link: Link, request: Buffer, name: string): Promise<Buffer> {
    link.node.setTime(this.world.now);
    // A replica is as far as its primary, whenever somebody looks.
    await link.node.synced();
    link.server ??= await link.node.connect();
    const reply = await (name === 'SCAN' ? scan(link.server, request) : link.server.send(request));
    if (!this.#links.has(link)) this.#forget(link);
    return reply;
  }

  #deliver(link: Link, run: () => void): void {
    const at = Math.max(this.world.now + this.#latency(link.random), link.lastDelivery);
    link.lastDelivery = at;
    this.world.at(at, run, { actor: link.socket.actor });
  }

  #latency(random: Random): number {
    const usual = LATENCY.least + random() * (LATENCY.most - LATENCY.least);
    return this.slowness > 0 ? usual + random() * this.slowness : usual;
  }

  #isCut(what: Cut['what'], link: Link): boolean {
    const { cut } = this;
    if (cut?.what !== what || cut.passing-- > 0) return false;
    this.cut = undefined;
    this.cutAt = this.world.now;
    this.world.note(`${link.name} is cut at a ${what}`);
    this.close(link, 'reset');
    return true;
  }

  /** Closes a connection from the other end. */
  close(link: Link, how: 'closed' | 'reset'): void {
    this.#forget(link);
    this.world.after(0, () => link.socket.lose(how), { actor: link.socket.actor });
  }

  #forget(link: Link): void {
    this.#links.delete(link);
    link.server?.close();
    link.server = undefined;
  }

  /** Loses all connections, of one server if one is given: `silent`, so that neither end knows. */
  lose(how: 'closed' | 'reset' | 'silent', node?: RedisNode): void {
    for (const link of [...this.#links]) {
      if (node && link.node !== node) continue;
      if (how === 'silent') link.isLost = true;
      else this.close(link, how);
    }
  }

  /** Closes all connections to servers, which outlive the simulation. */
  end(): void {
    for (const link of this.#links) this.#forget(link);
  }

  /** The connections of an actor that is dead end. */
  forget(actor: Actor): void {
    for (const link of this.#links) if (link.socket.actor === actor) this.#forget(link);
  }

  /** A server that dies knows nothing of what it was about to do. */
  discard(node: RedisNode): void {
    this.#waiting = this.#waiting.filter(({ link }) => link.node !== node);
    this.lose('reset', node);
  }

  /** A server that hung does what it has got meanwhile, be it from clients that have given up. */
  async resume(node: RedisNode): Promise<void> {
    node.state = 'up';
    const due = this.#waiting.filter(({ link }) => link.node === node);
    this.#waiting = this.#waiting.filter(({ link }) => link.node !== node);
    for (const { link, request } of due) await this.#arrive(link, request);
  }
}

const LOADING = Buffer.from('-LOADING Redis is loading the dataset in memory\r\n');

/** What a reply says. */
function describe(name: string, reply: Value): string {
  if (reply instanceof Error) return reply.message.slice(0, 80);
  const verdicts = name.startsWith('EVAL') && Array.isArray(reply) ? reply[0] : undefined;
  return typeof verdicts === 'string' ? verdicts : 'ok';
}
