import assert from 'node:assert/strict';
import {
  type Body, type HawkerError, type Input, type Output, type ReconnectPolicy, Session, type SessionEvent, bodyOf, defaultReconnectPolicy,
} from '../src/index.js';

export interface SentFrame {
  command: string;
  seq: number;
  head: Body;
  body: Body;
}

/** A session without a socket: keeps what it wants sent, its timers and what it reports. */
export class Bench {
  readonly session: Session;
  readonly sent: SentFrame[] = [];
  readonly timers = new Map<string, number>();
  readonly events: SessionEvent[] = [];
  readonly answers = new Map<number, Body>();
  readonly refusals = new Map<number, HawkerError>();
  opens = 0;
  closes = 0;
  private nextId = 1;

  constructor(policy: ReconnectPolicy = defaultReconnectPolicy, random: () => number = () => 0.5) {
    this.session = new Session({ sdkAppID: 1400000001, policy, random });
    this.do({ kind: 'start' });
  }

  do(input: Input): void {
    for (const output of this.session.handle(input, 1_700_000_000_000)) this.keep(output);
  }

  private keep(output: Output): void {
    switch (output.kind) {
      case 'open': this.opens += 1; return;
      case 'close': this.closes += 1; return;
      case 'send': { this.keepSent(output.text); return; }
      case 'timer': this.timers.set(output.timer, output.ms); return;
      case 'cancel': this.timers.delete(output.timer); return;
      case 'answer': this.answers.set(output.id, output.body); return;
      case 'refuse': this.refusals.set(output.id, output.error); return;
      case 'event': this.events.push(output.event);
    }
  }

  private keepSent(text: string): void {
    const { head, body } = JSON.parse(text) as { head: Body; body: Body };
    this.sent.push({ command: String(head.servcmd), seq: Number(head.seq), head, body });
  }

  /** Lets a timer that is set go off. */
  fire(timer: string): void {
    assert.ok(this.timers.delete(timer), `timer ${timer} is set (of ${[...this.timers.keys()].join(', ')})`);
    this.do({ kind: 'timer', timer });
  }

  last(command: string): SentFrame {
    const frame = this.sent.filter((entry) => entry.command === command).pop();
    assert.ok(frame, `${command} was sent`);
    return frame;
  }

  count(command: string): number {
    return this.sent.filter((entry) => entry.command === command).length;
  }

  /** Answers the last request with this command. */
  reply(command: string, body: Body = {}): void {
    const { seq } = this.last(command);
    this.frame({ head: { servcmd: command, seq }, body: { ActionStatus: 'OK', ErrorCode: 0, ...body } });
  }

  frame(frame: unknown): void {
    this.do({ kind: 'frame', text: JSON.stringify(frame) });
  }

  push(...items: Body[]): void {
    this.frame({ head: { servcmd: 'im_open_push.msg_push', seq: 1 }, body: { EventArray: items, NeedAck: 0 } });
  }

  request(command: string, body: Body = {}, extra: { resend?: boolean; timeoutMs?: number } = {}): number {
    const id = this.nextId++;
    this.do({ kind: 'request', request: { id, command, body, ...extra } });
    return id;
  }

  open(): void {
    this.do({ kind: 'opened' });
    this.reply('heartbeat.alive');
  }

  /** Opens the socket and logs `bob` in. */
  login(): void {
    this.open();
    const id = this.nextId++;
    this.do({ kind: 'login', id, userID: 'bob', userSig: 'signature' });
    this.reply('im_open_status.wslogin', { A2Key: 'token', TinyId: '144115200000000001', InstId: 7, HelloInterval: 30, TimeStamp: 1_700_000_000 });
    assert.ok(this.answers.has(id), 'logged in');
  }

  join(groupId: string, reply: Body = {}): void {
    this.request('group_open_http_svc.apply_join_group', { GroupId: groupId });
    this.reply('group_open_http_svc.apply_join_group', { JoinedStatus: 'JoinedSuccess', HugeGroupFlag: 1, ...reply });
  }

  /** Loses the socket and comes back, up to the point where the resume is sent. */
  cut(): void {
    this.do({ kind: 'closed' });
    this.fire('reconnect');
    this.do({ kind: 'opened' });
  }

  resume(statuses: Readonly<Record<string, string>>): void {
    this.reply('im_open_status.wslogin', {
      InstId: 8, Resume: Object.entries(statuses).map(([GroupId, Status]) => ({ GroupId, Status })),
    });
  }

  /** Sequence numbers delivered so far, by all item events. */
  delivered(): number[] {
    return this.events.flatMap((event) => (event.type === 'items' ? event.items.map((item) => Number(item.MsgSeq)) : []));
  }

  of<T extends SessionEvent['type']>(type: T): Extract<SessionEvent, { type: T }>[] {
    return this.events.filter((event): event is Extract<SessionEvent, { type: T }> => event.type === type);
  }
}

/** A text message of a room as the server pushes it. */
export function message(seq: number, extra: Body = {}): Body {
  return {
    From_Account: 'ann', ToGroupId: 'room', TinyId: '1441', MsgSeq: seq, MsgRandom: 1000 + seq, MsgTimeStamp: 1_700_000_000,
    MsgClientTime: 1_700_000_000, MsgBody: [{ MsgType: 'TIMTextElem', MsgContent: { Text: `text ${seq}` } }],
    GroupInfo: { GroupId: 'room', GroupName: 'Room', From_AccountNick: 'Ann' }, ...extra,
  };
}

export function pushed(...seqs: number[]): Body {
  return { Event: 3, GroupMsgArray: seqs.map((seq) => message(seq)) };
}

/** A notice of the given type for the room. */
export function notice(seq: number, reportType: number): Body {
  return { Event: 5, GroupTips: [message(seq, { From_Account: '@TIM#SYSTEM', MsgBody: { ReportType: reportType } })] };
}

export { bodyOf };
