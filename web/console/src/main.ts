import { createApp } from 'vue';
import { applyTheme } from '@hawker/web-shared';
import App from './App.vue';
import { begin } from './session';
import './styles/index.css';

applyTheme();
createApp(App).mount('#console');
void begin();
