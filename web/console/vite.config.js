import vue from '@vitejs/plugin-vue';
import { defaultClientConditions, defineConfig } from 'vite';

export default defineConfig({
  // Where the server offers the built files; the page itself is served under /console.
  base: '/assets/console/',
  plugins: [vue()],
  resolve: { conditions: ['@hawker/source', ...defaultClientConditions] },
  define: {
    __VUE_OPTIONS_API__: false,
    __VUE_PROD_DEVTOOLS__: false,
  },
  build: { target: ['es2022'], modulePreload: { polyfill: false }, assetsDir: '.', assetsInlineLimit: 0 },
  server: { proxy: { '/api': { target: process.env.HAWKER_HTTP ?? 'http://127.0.0.1:8080' } } },
});
