// Who gave the room most.

import type { Board } from '@hawker/shop';
import { displayName } from '@hawker/web-shared';
import { h, icon } from '../dom';
import { avatar } from '../view/avatar';
import { count, wordsOf, type ShopContext } from './context';
import { emptyNote, loading, waiting } from './parts';
import type { Leaf } from './sheet';

const REFRESH_MS = 5000;

export function boardLeaf(context: ShopContext): Leaf {
  const { model } = context;
  return {
    look: 'tray',
    title: () => wordsOf(context).board,
    draw(life) {
      const w = wordsOf(context);
      const list = h('div', { class: 'board' }, waiting(context));
      life.watch(model.store, ['board'], ({ board }) => {
        if (!board) return;
        if (board.items.length === 0) return list.replaceChildren(emptyNote('crown', w.noBoard, w.noBoardText));
        list.replaceChildren(h('p', { class: 'soft' }, w.boardTotal(count(context, board.total))),
          h('ol', {}, ...board.items.map((item, index) => place(context, item, index + 1))));
      });
      loading(context, life, model.loadBoard, list);
      life.every(REFRESH_MS, () => { if (!document.hidden) model.loadBoard().catch(() => undefined); });
      return [list];
    },
  };
}

function place(context: ShopContext, { user, nick, avatar: picture, coins }: Board['items'][number], rank: number): HTMLElement {
  const who = { userID: user, nick, avatar: picture };
  return h('li', { 'data-rank': rank },
    h('b', { class: 'rank' }, String(rank)), avatar(who), h('strong', {}, displayName(who)),
    h('span', { class: 'coins' }, icon('coin'), count(context, coins)));
}
