import vue from '@vitejs/plugin-vue';
import { defaultClientConditions, defineConfig } from 'vite';

export default defineConfig({
  // Where the server offers the built files; the page itself is served under /studio.
  base: '/assets/studio/',
  plugins: [vue()],
  resolve: { conditions: ['@hawker/source', ...defaultClientConditions] },
  define: {
    __VUE_OPTIONS_API__: false,
    __VUE_PROD_DEVTOOLS__: false,
    __VUE_I18N_FULL_INSTALL__: false,
    __VUE_I18N_LEGACY_API__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
    // Messages are interpreted, never compiled with `new Function`: the page is served without 'unsafe-eval'.
    __INTLIFY_JIT_COMPILATION__: true,
    __INTLIFY_DROP_MESSAGE_COMPILER__: false,
  },
  build: { target: ['es2022'], modulePreload: { polyfill: false }, assetsDir: '.', assetsInlineLimit: 0 },
  server: {
    proxy: {
      '/api': { target: process.env.HAWKER_HTTP ?? 'http://127.0.0.1:8080' },
      '/binfo': { target: process.env.HAWKER_HTTP ?? 'http://127.0.0.1:8080', ws: true },
    },
  },
});
