// The chat of TWebLive: one list of scenarios for the published package on both SDKs and for ours.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { type Fields, Player, STACKS, type Seen, type Stack, refused } from './player.js';
import { TestServer } from './server.js';

let server: TestServer;
let rooms = 0;

function freshRoom(): Promise<string> {
  rooms += 1;
  return server.room(`tweb${rooms}`);
}

describe('the chat of TWebLive over the real server', () => {
  before(async () => { server = await TestServer.start(); });
  after(() => server?.stop());
  afterEach(() => { server.dismiss(); });

  for (const stack of STACKS) describe(stack.join(' on '), () => { scenarios(stack); });

  it('understand each other in one room, on every stack', async () => {
    const room = await freshRoom();
    const players = await Promise.all(STACKS.map((stack, n) => entered(stack, `mixed${n}`, room)));
    for (const player of players) {
      await player.im('sendTextMessage', { roomID: room, text: `from ${player.userID}` });
      await player.im('stopPush', { roomID: room, postscript: `bye from ${player.userID}` });
      for (const other of players.filter((one) => one !== player)) {
        await heard(other, 'IM_TEXT_MESSAGE_RECEIVED', ({ payload }) => payload.text === `from ${player.userID}`);
        await other.hear('IM_PUSH_STOPPED', (postscript: string) => postscript === `bye from ${player.userID}`);
      }
    }
  });
});

/** A user who is logged in. */
async function user(stack: Stack, userID: string): Promise<Player> {
  await server.named(userID);
  const player = await Player.im(server, stack, userID);
  await player.im('login', { userID, userSig: server.sign(userID) });
  await player.hear('IM_READY');
  return player;
}

/** A user who is in the room. */
async function entered(stack: Stack, userID: string, room: string): Promise<Player> {
  const player = await user(stack, userID);
  assert.equal((await player.im('enterRoom', room)).status, 'JoinedSuccess');
  return player;
}

/** The first message in an event's list that fits. */
async function heard(player: Player, name: string, fits: (message: Seen) => boolean): Promise<Seen> {
  const messages = await player.hear<Seen[]>(name, (list) => list.some(fits));
  return messages.find(fits) as Seen;
}

function scenarios(stack: Stack): void {
  const ours = stack[0] === '@hawker/tweblive';
  const short = `${stack[0].replace(/\W/g, '').slice(0, 4)}${stack[1].replace(/\W/g, '').slice(0, 6)}`;
  let users = 0;
  const name = (): string => `${short}_${users += 1}`;

  it('logs in, again, changes the profile, logs out', async () => {
    const player = await user(stack, name());
    const again = await player.im('login', { userID: player.userID, userSig: server.sign(player.userID) });
    assert.equal(again.repeatLogin, true);
    assert.equal(typeof again.errorInfo, 'string');
    await player.im('setMyProfile', { nick: 'Mei', avatar: 'https://img.example/mei' });
    const { nick, avatar } = await player.im('getMyProfile');
    assert.deepEqual([nick, avatar], ['Mei', 'https://img.example/mei']);
    await player.im('logout');
    await player.hear('IM_NOT_READY');
  });

  it('makes a room, enters it, again, and leaves it', async () => {
    const player = await user(stack, name());
    const roomID = `${short}_room`;
    const texts = { name: 'Tea', notification: 'x'.repeat(300), introduction: 'y'.repeat(240), avatar: 'z'.repeat(100) };
    const { group } = await player.im('createRoom', { roomID, ...texts }) as { group: Fields };
    assert.equal(group.groupID, roomID);
    const other = await user(stack, name());
    assert.equal((await other.im('enterRoom', roomID)).status, 'JoinedSuccess');
    assert.equal((await other.im('enterRoom', roomID)).status, 'AlreadyInGroup');
    const profile = (await other.tim('getGroupProfile', { groupID: roomID })).group as Fields;
    assert.deepEqual([profile.name, profile.notification, profile.introduction, profile.avatar],
      [texts.name, texts.notification, texts.introduction, texts.avatar]);
    await other.im('exitRoom', roomID);
    await refused([10007, 10010, 2101, 2623, 2603], other.im('sendTextMessage', { roomID, text: 'x' }));
    const { group: second } = await player.im('createRoom', { name: 'Without an id' }) as { group: Fields };
    assert.equal(typeof second.groupID, 'string');
  });

  it('carries texts, custom messages and the end of the show', async () => {
    const room = await freshRoom();
    const [sender, receiver] = await Promise.all([entered(stack, name(), room), entered(stack, name(), room)]);
    await sender.im('sendTextMessage', { roomID: room, priority: 'High', text: 'hello <b>"界"</b>' });
    const text = await heard(receiver, 'IM_TEXT_MESSAGE_RECEIVED', ({ type }) => type === 'TIMTextElem');
    assert.deepEqual([text.payload.text, text.from, text.nick, text.to], ['hello <b>"界"</b>', sender.userID, `Nick of ${sender.userID}`, room]);
    const fields = { data: 'dianzan', description: 'd', extension: 'e' };
    await sender.im('sendCustomMessage', { roomID: room, priority: 'Low', ...fields });
    const custom = await heard(receiver, 'IM_CUSTOM_MESSAGE_RECEIVED', () => true);
    assert.deepEqual(custom.payload, fields);
    await sender.im('stopPush', { roomID: room, postscript: '欢迎下次再来呦' });
    assert.equal(await receiver.hear('IM_PUSH_STOPPED'), '欢迎下次再来呦');
    await sender.im('sendCustomMessage', { roomID: room, data: 'last' });
    await heard(receiver, 'IM_CUSTOM_MESSAGE_RECEIVED', ({ payload }) => payload.data === 'last');
    const customs = receiver.heard.filter((event) => event.name === 'IM_CUSTOM_MESSAGE_RECEIVED').flatMap(({ data }) => data as Seen[]);
    assert.deepEqual(customs.map(({ payload }) => payload.data), ['dianzan', 'last'], 'the end of the show is not a custom message');
    assert.equal(sender.count('IM_TEXT_MESSAGE_RECEIVED'), 0, 'no echo');
  });

  it('tells who comes and goes', async () => {
    const room = await freshRoom();
    const player = await entered(stack, name(), room);
    const guest = await entered(stack, name(), room);
    const joined = await heard(player, 'IM_REMOTE_USER_JOIN', ({ payload }) => (payload.userIDList as string[]).includes(guest.userID));
    assert.equal(joined.nick, `Nick of ${guest.userID}`);
    await guest.im('exitRoom', room);
    await heard(player, 'IM_REMOTE_USER_LEAVE', ({ payload }) => (payload.userIDList as string[]).includes(guest.userID));
  });

  it('shows a room to a viewer without a login', async () => {
    const room = await freshRoom();
    const viewer = await Player.im(server, stack, '');
    assert.equal((await viewer.im('enterRoom', room)).status, 'JoinedSuccess');
    const speaker = await entered(stack, name(), room);
    await speaker.im('sendTextMessage', { roomID: room, text: 'hi' });
    await heard(viewer, 'IM_TEXT_MESSAGE_RECEIVED', ({ payload }) => payload.text === 'hi');
  });

  it('is told of a second login and of the network', async () => {
    const player = await user(stack, name());
    await Player.user(server, '@hawker/tim', player.userID);
    assert.equal(await player.hear('IM_KICKED_OUT'), 'multipleAccount');
    await player.hear('IM_NOT_READY');
    await assert.rejects(player.im('getMyProfile'));
  });

  it('is told of pictures', async () => {
    const room = await freshRoom();
    const player = await entered(stack, name(), room);
    const url = 'https://img.example/one.png';
    await server.rest('group_open_http_svc/send_group_msg', {
      GroupId: room, From_Account: 'host', Random: 7, MsgBody: [{
        MsgType: 'TIMImageElem',
        MsgContent: { UUID: 'u', ImageFormat: 3, ImageInfoArray: [1, 2, 3].map((Type) => ({ Type, Size: 68, Width: 1, Height: 1, URL: url })) },
      }],
    });
    const picture = await heard(player, 'IM_IMAGE_MESSAGE_RECEIVED', ({ type }) => type === 'TIMImageElem');
    assert.deepEqual((picture.payload.imageInfoArray as Fields[]).map((info) => info.url), [url, url, url]);
  });

  it('calls handlers with their context until they are taken off', async () => {
    const room = await freshRoom();
    const [sender, receiver] = await Promise.all([entered(stack, name(), room), entered(stack, name(), room)]);
    await receiver.imOnce('IM_TEXT_MESSAGE_RECEIVED');
    for (const text of ['one', 'two']) {
      await sender.im('sendTextMessage', { roomID: room, text });
      await heard(receiver, 'IM_TEXT_MESSAGE_RECEIVED', ({ payload }) => payload.text === text);
    }
    // The published package wraps handlers and then looks for the bare one: nothing is ever taken off.
    const calls = receiver.heard.filter((event) => event.name === 'imOnce').map(({ data }) => data as string);
    assert.deepEqual([...new Set(calls)], ['context']);
    if (ours) assert.equal(calls.length, 1);
  });

  if (!ours) return;

  it('is told when the network goes and comes', async () => {
    const player = await user(stack, name());
    await server.crash();
    await player.hear('IM_NET_STATE_CHANGED', (state: string) => state === 'connecting');
    await player.hear('IM_NET_STATE_CHANGED', (state: string) => state === 'connected');
    await player.im('getMyProfile');
  });

  it('refuses what is wrong, with a code and the field, and sends nothing', async () => {
    const room = await freshRoom();
    const player = await entered(stack, name(), room);
    const rows: [method: string, args: unknown[], code: number, field: RegExp][] = [
      ['createRoom', [], 3153, /options/],
      ['createRoom', [{}], 2905, /name/],
      ['createRoom', [{ name: 5 }], 2905, /name/],
      ['createRoom', [{ name: 'x'.repeat(31) }], 2905, /name/],
      ['createRoom', [{ name: 'x', notification: '界'.repeat(101) }], 2905, /notification/],
      ['createRoom', [{ name: 'x', introduction: 'x'.repeat(241) }], 2905, /introduction/],
      ['createRoom', [{ name: 'x', avatar: 'x'.repeat(101) }], 2905, /avatar/],
      ['createRoom', [{ name: 'x', roomID: {} }], 2602, /roomID/],
      ['enterRoom', [], 2602, /roomID/],
      ['enterRoom', [{}], 2602, /roomID/],
      ['exitRoom', [null], 2602, /roomID/],
      ['exitRoom', ['elsewhere'], 2623, /room/],
      ['login', [], 3153, /options/],
      ['login', [{ userID: '' }], 2002, /userID/],
      ['login', [{ userID: 'somebody', userSig: 's' }], 2025, /login/],
      ['setLogLevel', [5], 2905, /level/],
      ['setMyProfile', [{}], 2722, /options/],
      ['setMyProfile', [{ nick: 5 }], 2721, /nick/],
      ['sendTextMessage', [], 3153, /options/],
      ['sendTextMessage', [{ text: 'x' }], 2602, /roomID/],
      ['sendTextMessage', [{ roomID: room }], 2905, /text/],
      ['sendTextMessage', [{ roomID: room, text: 'x', priority: 'Urgent' }], 2905, /priority/],
      ['sendTextMessage', [{ roomID: room, text: '界'.repeat(4200) }], 80002, /payload/],
      ['sendTextMessage', [{ roomID: 'elsewhere', text: 'x' }], 2101, /room/],
      ['sendCustomMessage', [{ roomID: room, data: 5 }], 2905, /data/],
      ['sendImageMessage', [{ roomID: room }], 2251, /file/],
      ['sendImageMessage', [{ roomID: room, file: { files: [] } }], 2251, /file/],
      ['stopPush', [{ roomID: room, postscript: 5 }], 2905, /postscript/],
    ];
    for (const [method, args, code, field] of rows) {
      await refused(code, player.im(method, ...args)).catch((error: unknown) => { throw new Error(`${method}(${JSON.stringify(args)})`, { cause: error }); });
      await assert.rejects(player.im(method, ...args), field, method);
    }
    await player.im('sendTextMessage', { roomID: room, text: 'only this' });
    assert.equal((await server.rest('hawker_room/stats', { GroupId: room })).MsgCount, 1);
    await player.im('logout');
    for (const method of ['getMyProfile', 'logout']) await refused(3005, player.im(method));
    await refused(3005, player.im('sendTextMessage', { roomID: room, text: 'x' }));
  });
}
