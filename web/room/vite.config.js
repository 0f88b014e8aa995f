import { defaultClientConditions, defineConfig } from 'vite';

export default defineConfig({
  // Where the server offers the built files; the page itself is served under /room/<groupID>.
  base: '/assets/room/',
  resolve: { conditions: ['@hawker/source', ...defaultClientConditions] },
  build: {
    // What five-year-old phones and the browsers inside chat apps run; below this there is no <dialog> or `inset`.
    target: ['es2020', 'chrome87', 'safari15.4'],
    modulePreload: { polyfill: false },
    assetsDir: '.',
    assetsInlineLimit: 0,
    // The second is the page of the test payment provider, which the server shows under /pay/<reference>.
    rolldownOptions: { input: ['index.html', 'pay.html'] },
  },
  server: {
    proxy: {
      '/api': { target: process.env.HAWKER_HTTP ?? 'http://127.0.0.1:8080' },
      '/binfo': { target: process.env.HAWKER_HTTP ?? 'http://127.0.0.1:8080', ws: true },
    },
  },
});
