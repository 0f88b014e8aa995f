import { createApp } from 'vue';
import { createI18n } from 'vue-i18n';
import { applyTheme, currentLanguage } from '@hawker/web-shared';
import App from './App.vue';
import { messages } from './words';
import './style.css';

applyTheme();

const i18n = createI18n({ legacy: false, locale: currentLanguage(), fallbackLocale: 'en', messages });
createApp(App).use(i18n).mount('#studio');
