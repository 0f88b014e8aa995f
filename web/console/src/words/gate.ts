// Set-up and sign-in.

const en = {
  setupTitle: 'Welcome to your shop',
  setupText: 'Choose the name and password that you will sign in with. It takes a minute, once.',
  setupGo: 'Open the shop',
  noTokenTitle: 'One link is missing',
  noTokenText: 'This shop has not been set up yet. When the server started, it printed a link that ends in #setup=…. Open that link to set it up; nobody else can.',
  name: 'Your name',
  password: 'Password',
  passwordHint: 'At least 10 characters. A short sentence is a good password.',
  passwordShort: (left: number) => `${left} more characters`,
  show: 'Show the password',
  hide: 'Hide the password',
  loginTitle: 'Welcome back',
  loginText: 'Sign in to run your shop.',
  login: 'Sign in',
  working: 'One moment…',
  wait: (secs: number) => `Too many tries. You can try again in ${secs} s.`,
  expiredTitle: 'Please sign in again',
  expiredText: 'Your session is over. What you were doing is still here.',
  signOutInstead: 'Leave the page instead',
};

const zh: typeof en = {
  setupTitle: '欢迎开店',
  setupText: '设置您的登录名和密码，只需一分钟，仅此一次。',
  setupGo: '开店',
  noTokenTitle: '还差一个链接',
  noTokenText: '店铺尚未初始化。服务器启动时会打印一个以 #setup=… 结尾的链接，打开它即可完成设置，其他人无法操作。',
  name: '用户名',
  password: '密码',
  passwordHint: '至少 10 个字符，用一句话作密码是个好办法。',
  passwordShort: (left) => `还差 ${left} 个字符`,
  show: '显示密码',
  hide: '隐藏密码',
  loginTitle: '欢迎回来',
  loginText: '登录后管理您的店铺。',
  login: '登录',
  working: '请稍候…',
  wait: (secs) => `尝试次数过多，请在 ${secs} 秒后重试。`,
  expiredTitle: '请重新登录',
  expiredText: '登录已失效，您正在编辑的内容还在这里。',
  signOutInstead: '离开此页',
};

export default { en, zh };
