// The last cards the host has shown, kept on this machine so that the next show can begin with them.

import { decodeGoods, encodeGoods, remember, remembered, type Goods } from '@hawker/web-shared';

const CARDS_MAX = 8;

const keyOf = (groupID: string) => `hawker.studio.cards.${groupID}`;

export function recentCards(groupID: string): Goods[] {
  try {
    const kept = JSON.parse(remembered(keyOf(groupID)) ?? '[]') as string[];
    return kept.map((text) => decodeGoods(text)).filter((goods): goods is Goods => goods !== null);
  } catch {
    return [];
  }
}

/** The newest first; a card with the same ID is replaced. */
export function keepCard(groupID: string, goods: Goods): Goods[] {
  const cards = [goods, ...recentCards(groupID).filter((card) => card.id !== goods.id)].slice(0, CARDS_MAX);
  remember(keyOf(groupID), JSON.stringify(cards.map(encodeGoods)));
  return cards;
}

export function dropCard(groupID: string, id: string): Goods[] {
  const cards = recentCards(groupID).filter((card) => card.id !== id);
  remember(keyOf(groupID), JSON.stringify(cards.map(encodeGoods)));
  return cards;
}
