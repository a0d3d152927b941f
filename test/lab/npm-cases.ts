/**
 * Projects whose packages are installed for real, to hold the estimate of npm to them. They were chosen
 * before any figure was seen; the model may only be fitted to those that are not held out.
 */

export interface NpmCase {
  readonly id: string;
  readonly tool: 'npm' | 'yarn' | 'pnpm';
  /** Never looked at when the model is fitted. */
  readonly isHeldOut: boolean;
  /** Names, perhaps with a range, as the tool takes them. */
  /** Of releases of years ago, of which rows tell hardly anything. */
  readonly isAged?: true;
  readonly dependencies: string;
  readonly devDependencies: string;
}

const NEWEST: readonly NpmCase[] = [
  {
    id: 'express-api',
    tool: 'npm',
    isHeldOut: false,
    dependencies:
      'express@^4.19.2 mongoose@^8.5.0 cors@^2.8.5 dotenv@^16.4.5 helmet@^7.1.0 jsonwebtoken@^9.0.2 bcryptjs@^2.4.3 express-rate-limit@^7.3.1 morgan@^1.10.0',
    devDependencies: 'nodemon@^3.1.4 jest@^29.7.0 supertest@^7.0.0 eslint@^8.57.0',
  },
  {
    id: 'nest-postgres',
    tool: 'npm',
    isHeldOut: false,
    dependencies:
      '@nestjs/common@^10.3.0 @nestjs/core@^10.3.0 @nestjs/platform-express@^10.3.0 @nestjs/config@^3.2.0 @nestjs/typeorm@^10.0.2 typeorm@^0.3.20 pg@^8.12.0 class-validator@^0.14.1 class-transformer@^0.5.1 reflect-metadata@^0.2.0 rxjs@^7.8.1',
    devDependencies:
      '@nestjs/cli@^10.4.0 @nestjs/schematics@^10.1.0 @nestjs/testing@^10.3.0 @types/express@^4.17.17 @types/jest@^29.5.2 @types/node@^20.3.1 eslint@^8.42.0 jest@^29.5.0 prettier@^3.0.0 ts-jest@^29.1.0 ts-loader@^9.4.3 ts-node@^10.9.1 tsconfig-paths@^4.2.0 typescript@^5.1.3',
  },
  {
    id: 'next-shop',
    tool: 'npm',
    isHeldOut: false,
    dependencies:
      'next@^14.2.0 react@^18.3.0 react-dom@^18.3.0 swr@^2.2.5 stripe@^16.0.0 zod@^3.23.8',
    devDependencies:
      'typescript@^5.5.0 @types/node@^20.14.0 @types/react@^18.3.3 @types/react-dom@^18.3.0 eslint@^8.57.0 eslint-config-next@^14.2.0 tailwindcss@^3.4.4 postcss@^8.4.39 autoprefixer@^10.4.19',
  },
  {
    id: 'react-admin',
    tool: 'npm',
    isHeldOut: false,
    dependencies:
      'react@^18.3.1 react-dom@^18.3.1 react-router-dom@^6.24.0 @mui/material@^5.15.0 @mui/icons-material@^5.15.0 @emotion/react@^11.11.0 @emotion/styled@^11.11.0 @reduxjs/toolkit@^2.2.0 react-redux@^9.1.0 recharts@^2.12.0 axios@^1.7.0',
    devDependencies:
      'vite@^5.3.0 @vitejs/plugin-react@^4.3.0 typescript@^5.5.0 eslint@^8.57.0 eslint-plugin-react-hooks@^4.6.2 vitest@^1.6.0 @types/react@^18.3.0 @types/react-dom@^18.3.0',
  },
  {
    id: 'cra-todo',
    tool: 'yarn',
    isHeldOut: false,
    dependencies:
      'react@^18.2.0 react-dom@^18.2.0 react-scripts@5.0.1 redux@^4.2.1 react-redux@^8.1.0 axios@^1.6.0 bootstrap@^5.3.0 web-vitals@^2.1.4',
    devDependencies: 'prettier@^3.2.0',
  },
  {
    id: 'koa-knex',
    tool: 'yarn',
    isHeldOut: false,
    dependencies:
      'koa@^2.15.0 @koa/router@^12.0.1 koa-bodyparser@^4.4.1 knex@^3.1.0 pg@^8.11.0 pino@^9.0.0 joi@^17.12.0',
    devDependencies:
      'typescript@^5.4.0 ts-node-dev@^2.0.0 mocha@^10.4.0 chai@^4.4.0 @types/koa@^2.15.0 @types/node@^20.12.0 nyc@^15.1.0',
  },
  {
    id: 'fastify-drizzle',
    tool: 'npm',
    isHeldOut: false,
    dependencies:
      'fastify@^4.28.0 @fastify/cors@^9.0.1 @fastify/jwt@^8.0.1 @fastify/static@^7.0.4 drizzle-orm@^0.32.0 postgres@^3.4.4 zod@^3.23.8 pino-pretty@^11.2.0',
    devDependencies:
      'tsx@^4.16.0 typescript@^5.5.0 vitest@^2.0.0 drizzle-kit@^0.23.0 @types/node@^20.14.0',
  },
  {
    id: 'vue-dashboard',
    tool: 'pnpm',
    isHeldOut: false,
    dependencies:
      'vue@^3.4.0 pinia@^2.1.7 vue-router@^4.4.0 element-plus@^2.7.0 echarts@^5.5.0 axios@^1.7.0',
    devDependencies:
      'vite@^5.3.0 @vitejs/plugin-vue@^5.0.0 vue-tsc@^2.0.0 typescript@^5.5.0 sass@^1.77.0 eslint@^8.57.0 eslint-plugin-vue@^9.27.0',
  },
  {
    id: 'graphql-mongo',
    tool: 'npm',
    isHeldOut: true,
    dependencies:
      '@apollo/server@^4.10.0 graphql@^16.9.0 mongoose@^8.4.0 dataloader@^2.2.2 lodash@^4.17.21 winston@^3.13.0 ioredis@^5.4.0 jsonwebtoken@^9.0.2',
    devDependencies:
      'typescript@^5.5.0 ts-node@^10.9.2 jest@^29.7.0 ts-jest@^29.2.0 @types/jest@^29.5.0 @types/lodash@^4.17.0 eslint@^9.7.0 prettier@^3.3.0 eslint-config-airbnb-base@^15.0.0 eslint-plugin-import@^2.29.1',
  },
  {
    id: 'nuxt-site',
    tool: 'npm',
    isHeldOut: true,
    dependencies:
      'nuxt@^3.12.0 vue@^3.4.0 @pinia/nuxt@^0.5.1 @nuxtjs/i18n@^8.3.1 @vueuse/nuxt@^10.11.0 @nuxt/image@^1.7.0',
    devDependencies: 'typescript@^5.5.0 @nuxt/eslint@^0.4.0 sass@^1.77.0',
  },
  {
    id: 'nest-queue',
    tool: 'pnpm',
    isHeldOut: true,
    dependencies:
      '@nestjs/common@^10.3.0 @nestjs/core@^10.3.0 @nestjs/platform-express@^10.3.0 @nestjs/bullmq@^10.1.1 bullmq@^5.8.0 @nestjs/mongoose@^10.0.6 mongoose@^8.4.0 @nestjs/schedule@^4.1.0 @nestjs/swagger@^7.4.0 @nestjs/axios@^3.0.2 axios@^1.7.0 class-validator@^0.14.1 class-transformer@^0.5.1 reflect-metadata@^0.2.0 rxjs@^7.8.1',
    devDependencies:
      '@nestjs/cli@^10.4.0 @nestjs/testing@^10.3.0 @swc/cli@^0.4.0 @swc/core@^1.7.0 @types/node@^20.14.0 typescript@^5.5.0 vitest@^2.0.0',
  },
  {
    id: 'next-saas',
    tool: 'npm',
    isHeldOut: true,
    dependencies:
      'next@^15.1.0 react@^19.0.0 react-dom@^19.0.0 next-auth@^4.24.0 @prisma/client@^5.17.0 @radix-ui/react-dialog@^1.1.0 @radix-ui/react-select@^2.1.0 react-hook-form@^7.52.0 @hookform/resolvers@^3.9.0 zod@^3.23.8 lucide-react@^0.460.0 nodemailer@^6.9.0',
    devDependencies:
      'prisma@^5.17.0 tailwindcss@^4.0.0 @tailwindcss/postcss@^4.0.0 typescript@^5.5.0 eslint@^9.7.0 eslint-config-next@^15.1.0 @playwright/test@^1.45.0',
  },
  {
    id: 'discord-bot',
    tool: 'npm',
    isHeldOut: true,
    dependencies:
      'discord.js@^14.15.0 @discordjs/voice@^0.17.0 better-sqlite3@^11.1.0 winston@^3.13.0 node-cron@^3.0.3 dotenv@^16.4.5 undici@^6.19.0 i18next@^23.12.0',
    devDependencies:
      'typescript@^5.5.0 tsx@^4.16.0 eslint@^9.7.0 typescript-eslint@^8.0.0 vitest@^2.0.0',
  },
  {
    id: 'angular-app',
    tool: 'npm',
    isHeldOut: true,
    dependencies:
      '@angular/animations@^18.1.0 @angular/cdk@^18.1.0 @angular/common@^18.1.0 @angular/compiler@^18.1.0 @angular/core@^18.1.0 @angular/forms@^18.1.0 @angular/material@^18.1.0 @angular/platform-browser@^18.1.0 @angular/router@^18.1.0 @ngrx/store@^18.0.0 @ngrx/effects@^18.0.0 rxjs@^7.8.0 tslib@^2.6.0 zone.js@^0.14.0',
    devDependencies:
      '@angular/build@^18.1.0 @angular/cli@^18.1.0 @angular/compiler-cli@^18.1.0 jasmine-core@^5.1.0 karma@^6.4.0 typescript@~5.5.0',
  },
  {
    id: 'chat-server',
    tool: 'yarn',
    isHeldOut: true,
    dependencies:
      'express@^4.19.2 socket.io@^4.7.5 redis@^4.6.0 ejs@^3.1.10 express-session@^1.18.0 connect-redis@^7.1.1 passport@^0.7.0 passport-google-oauth20@^2.0.0 multer@^1.4.5-lts.1 sharp@^0.33.4',
    devDependencies:
      'webpack@^5.92.0 webpack-cli@^5.1.4 babel-loader@^9.1.3 @babel/core@^7.24.0 @babel/preset-env@^7.24.0 css-loader@^7.1.0 sass@^1.77.0 sass-loader@^14.2.0 mocha@^10.6.0 chai@^4.4.0 nyc@^17.0.0 husky@^9.0.0',
  },
];

/** Releases of years ago, as many projects still have them: rows tell of hardly any of these. */
const AGED: readonly NpmCase[] = [
  {
    id: 'express-2021',
    tool: 'npm',
    isHeldOut: true,
    isAged: true,
    dependencies:
      'express@4.17.1 mongoose@5.12.3 body-parser@1.19.0 cors@2.8.5 dotenv@8.2.0 jsonwebtoken@8.5.1 bcryptjs@2.4.3 axios@0.21.1 moment@2.29.1 nodemailer@6.5.0',
    devDependencies: 'nodemon@2.0.7 jest@26.6.3 supertest@6.1.3 eslint@7.23.0 prettier@2.2.1',
  },
  {
    id: 'next-2022',
    tool: 'npm',
    isHeldOut: true,
    isAged: true,
    dependencies:
      'next@12.1.0 react@17.0.2 react-dom@17.0.2 swr@1.2.2 axios@0.26.0 styled-components@5.3.3 graphql@15.8.0 @apollo/client@3.5.9',
    devDependencies:
      'typescript@4.5.5 eslint@8.10.0 eslint-config-next@12.1.0 tailwindcss@3.0.23 postcss@8.4.7 autoprefixer@10.4.2 @types/react@17.0.39 @types/node@17.0.21',
  },
  {
    id: 'vue-2020',
    tool: 'npm',
    isHeldOut: true,
    isAged: true,
    dependencies:
      'vue@2.6.12 vue-router@3.4.9 vuex@3.6.0 vuetify@2.3.21 axios@0.21.0 core-js@3.8.1',
    devDependencies:
      '@vue/cli-service@4.5.9 @vue/cli-plugin-babel@4.5.9 @vue/cli-plugin-eslint@4.5.9 eslint@6.8.0 eslint-plugin-vue@6.2.2 babel-eslint@10.1.0 sass@1.30.0 sass-loader@10.1.0 vue-template-compiler@2.6.12',
  },
];

export const NPM_CASES: readonly NpmCase[] = [...NEWEST, ...AGED];
