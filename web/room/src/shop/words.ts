// Everything the shop says, in both languages.

import type { CouponUnfit, Language } from '@hawker/web-shared';
import type { Order, ShopErrorName } from '@hawker/shop';

const en = {
  close: 'Close', back: 'Back', loading: 'One moment…', again: 'Try again', failed: 'That did not work. Please try again.',
  shelf: 'Shelf', shelfCount: (count: number) => `Shelf · ${count}`,
  empty: 'Nothing on the shelf yet', emptyText: 'The host will put something here soon.',
  orders: 'My orders', unpaid: (count: number) => `${count} to pay`, coupons: 'My coupons',
  explaining: 'On now', buy: 'Buy', grab: 'Grab', soldOut: 'Sold out', left: (count: number) => `${count} left`,
  flash: 'Flash sale', endsIn: (time: string) => `ends in ${time}`, taken: (percent: number) => `${percent}% gone`,
  fromBefore: 'from ', fromAfter: '', perBuyer: (count: number) => `${count} per person`,
  checkout: 'Your order', variant: 'Choose', quantity: 'Quantity', less: 'One less', more: 'One more', stock: (count: string) => `${count} in stock`,
  address: 'Deliver to', addressNone: 'Add an address', change: 'Change', name: 'Name', phone: 'Phone', street: 'Address',
  addressMissing: 'Where shall it go? Please add an address.',
  coupon: 'Coupon', noCoupon: 'Without a coupon', noCoupons: 'No coupon for this',
  saves: (title: string, off: string) => `${title} (−${off})`, unfitOption: (title: string, why: string) => `${title}: ${why}`,
  remark: 'Note to the shop', remarkHint: 'Optional',
  subtotal: 'Goods', discount: 'Coupon', total: 'Total', order: 'Place order', ordering: 'Placing the order…',
  unfit: { spent: 'used already', not_now: 'not valid now', not_for: 'not for these goods', below: 'total too low' } satisfies Record<CouponUnfit, string>,
  states: {
    created: 'Waiting for payment', paid: 'Paid', shipped: 'On its way', done: 'Completed', cancelled: 'Cancelled', refunded: 'Refunded',
  } satisfies Record<Order['state'], string>,
  stateText: {
    created: 'Your pieces are kept for you meanwhile.', paid: 'Thank you! The shop will send it soon.', shipped: 'Tell the shop when it has come.',
    done: 'Thank you for buying with us.', cancelled: 'Nothing was charged.', refunded: 'The money is on its way back to you.',
  } satisfies Record<Order['state'], string>,
  payWithin: (time: string) => `Pay within ${time}`, pay: (amount: string) => `Pay ${amount}`, payWaiting: 'Waiting for the payment…',
  payNowhere: 'This shop has no payment page. Please ask the host how to pay.',
  cancel: 'Cancel order', keep: 'Keep it', confirm: 'I have received it',
  orderTitle: 'Order', orderNumber: 'Number', ordered: 'Ordered', toShow: 'Back to the show', allOrders: 'All my orders',
  noOrders: 'No orders yet', noOrdersText: 'What you buy appears here.', pieces: (count: number) => `${count} pcs`,
  refundedPart: 'Refunded', paidLate: 'Your payment came after the time was over; it is being refunded.',
  claim: 'Claim', claimed: 'Claimed', gone: 'All gone', use: 'Use it', noClaims: 'No coupons yet', noClaimsText: 'Catch one when the host lets them rain.',
  threshold: (amount: string) => `on orders from ${amount}`, anyOrder: 'on any order', upTo: (amount: string) => `at most ${amount}`,
  until: (date: string) => `until ${date}`, some: 'for selected goods',
  claimState: { held: 'Ready to use', reserved: 'In an open order', used: 'Used' },
  rain: 'Coupons!', rainText: 'Tap one before they are gone', rainOne: 'Catch this coupon', rainWon: 'You have it!', rainLost: 'All gone this time', rainMine: 'You already have it',
  rainKept: 'It is kept in “My coupons” and used by itself when you buy.', rainTooLate: 'Others were faster. Better luck next time!', toShelf: 'Go shopping', ok: 'OK',
  gifts: 'Gifts', send: 'Send', combo: 'Again', coins: (count: string) => `${count} coins`, balance: 'Your coins', topUp: 'Top up',
  topUpTitle: 'Top up coins', topUpText: 'Coins are for gifts. They are not paid out.', next: 'Continue', arrived: (count: string) => `${count} coins have arrived`,
  coinsLow: 'Not enough coins. Top up?', board: 'Top fans', boardTotal: (count: string) => `${count} coins in this show`, noBoard: 'Be the first', noBoardText: 'Send the first gift of this show.',
  refusals: {
    GOODS_MISSING: 'These goods are no longer there.', SKU_MISSING: 'This variant is no longer there.', SOLD_OUT: 'Sold out, sorry.',
    SALE_NOT_RUNNING: 'The flash sale is over.', OVER_LIMIT: 'That is more than one person may have.', COUPON_MISSING: 'This coupon is no longer there.',
    COUPON_GONE: 'All of these coupons are gone.', COUPON_NOT_NOW: 'This coupon is not valid now.', COUPON_BELOW_THRESHOLD: 'The order is too small for this coupon.',
    COUPON_NOT_FOR_GOODS: 'This coupon is not for these goods.', CLAIM_SPENT: 'This coupon is used already.', CLAIM_MISSING: 'This coupon is not yours.',
    ORDER_MISSING: 'There is no such order.', ORDER_STATE: 'This order cannot be changed any more.', PRICE_CHANGED: 'The price has just changed. Please look again.',
    GIFT_MISSING: 'This gift is no longer there.', BALANCE_LOW: 'Not enough coins.', BAD_AMOUNT: 'This amount is not possible.',
    NOT_FOR_SALE: 'This is not for sale any more.', NOT_YOURSELF: 'You cannot follow yourself.',
  } as Partial<Record<ShopErrorName, string>>,
};

const zh: typeof en = {
  close: '关闭', back: '返回', loading: '请稍候…', again: '重试', failed: '没有成功，请再试一次。',
  shelf: '购物袋', shelfCount: (count) => `购物袋 · ${count} 件`,
  empty: '还没有上架商品', emptyText: '主播马上就来上架，别走开。',
  orders: '我的订单', unpaid: (count) => `${count} 个待付款`, coupons: '我的优惠券',
  explaining: '讲解中', buy: '去购买', grab: '马上抢', soldOut: '已售罄', left: (count) => `仅剩 ${count} 件`,
  flash: '限时秒杀', endsIn: (time) => `距结束 ${time}`, taken: (percent) => `已抢 ${percent}%`,
  fromBefore: '', fromAfter: ' 起', perBuyer: (count) => `每人限购 ${count} 件`,
  checkout: '确认订单', variant: '选择规格', quantity: '数量', less: '减少一件', more: '增加一件', stock: (count) => `库存 ${count} 件`,
  address: '收货地址', addressNone: '添加收货地址', change: '修改', name: '收货人', phone: '手机号', street: '详细地址',
  addressMissing: '请先填写收货地址。',
  coupon: '优惠券', noCoupon: '不使用优惠券', noCoupons: '暂无可用优惠券',
  saves: (title, off) => `${title}（-${off}）`, unfitOption: (title, why) => `${title}：${why}`,
  remark: '给商家留言', remarkHint: '选填',
  subtotal: '商品金额', discount: '优惠券', total: '合计', order: '提交订单', ordering: '正在提交…',
  unfit: { spent: '已使用', not_now: '不在有效期', not_for: '不适用于此商品', below: '未达使用门槛' },
  states: { created: '待付款', paid: '待发货', shipped: '运输中', done: '已完成', cancelled: '已取消', refunded: '已退款' },
  stateText: {
    created: '商品已为您保留，请尽快付款。', paid: '付款成功，商家会尽快发货。', shipped: '收到商品后请确认收货。',
    done: '感谢您的购买。', cancelled: '订单未产生扣款。', refunded: '款项正在原路退回。',
  },
  payWithin: (time) => `请在 ${time} 内付款`, pay: (amount) => `付款 ${amount}`, payWaiting: '等待付款结果…',
  payNowhere: '该店铺没有付款页面，请联系主播付款。',
  cancel: '取消订单', keep: '再想想', confirm: '确认收货',
  orderTitle: '订单详情', orderNumber: '订单号', ordered: '下单时间', toShow: '返回直播间', allOrders: '查看全部订单',
  noOrders: '还没有订单', noOrdersText: '您买到的宝贝会显示在这里。', pieces: (count) => `共 ${count} 件`,
  refundedPart: '已退款', paidLate: '付款时订单已超时，款项将原路退回。',
  claim: '立即领取', claimed: '已领取', gone: '已抢光', use: '去使用', noClaims: '还没有优惠券', noClaimsText: '主播发券时记得来抢。',
  threshold: (amount) => `满 ${amount} 可用`, anyOrder: '无门槛', upTo: (amount) => `最多减 ${amount}`,
  until: (date) => `${date} 前有效`, some: '指定商品可用',
  claimState: { held: '可使用', reserved: '订单占用中', used: '已使用' },
  rain: '优惠券雨来啦！', rainText: '快点一个，手慢无', rainOne: '点击抢券', rainWon: '抢到啦！', rainLost: '被抢光啦', rainMine: '您已经领过了',
  rainKept: '已放入「我的优惠券」，下单时自动使用。', rainTooLate: '手速还差一点，下次再来！', toShelf: '去逛逛', ok: '知道了',
  gifts: '礼物', send: '赠送', combo: '连击', coins: (count) => `${count} 金币`, balance: '我的金币', topUp: '充值',
  topUpTitle: '充值金币', topUpText: '金币用于赠送礼物，不可提现。', next: '下一步', arrived: (count) => `${count} 金币已到账`,
  coinsLow: '金币不足，去充值？', board: '贡献榜', boardTotal: (count) => `本场共 ${count} 金币`, noBoard: '虚位以待', noBoardText: '送出本场第一份礼物吧。',
  refusals: {
    GOODS_MISSING: '商品已不存在。', SKU_MISSING: '该规格已不存在。', SOLD_OUT: '手慢了，已售罄。',
    SALE_NOT_RUNNING: '秒杀已结束。', OVER_LIMIT: '超出每人限购数量。', COUPON_MISSING: '优惠券已不存在。',
    COUPON_GONE: '优惠券已被抢光。', COUPON_NOT_NOW: '优惠券不在有效期内。', COUPON_BELOW_THRESHOLD: '订单金额未达到优惠券门槛。',
    COUPON_NOT_FOR_GOODS: '优惠券不适用于此商品。', CLAIM_SPENT: '优惠券已使用。', CLAIM_MISSING: '没有这张优惠券。',
    ORDER_MISSING: '订单不存在。', ORDER_STATE: '订单状态已变化，无法操作。', PRICE_CHANGED: '价格刚刚有变动，请重新确认。',
    GIFT_MISSING: '礼物已下架。', BALANCE_LOW: '金币不足。', BAD_AMOUNT: '数量或金额无效。',
    NOT_FOR_SALE: '商品已下架。', NOT_YOURSELF: '不能关注自己。',
  },
};

export type ShopWords = typeof en;

export function shopWords(language: Language): ShopWords {
  return language === 'zh' ? zh : en;
}
