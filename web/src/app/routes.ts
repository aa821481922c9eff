// SPDX-License-Identifier: Apache-2.0
import { inject } from '@angular/core';
import { Router, type CanActivateFn, type Routes } from '@angular/router';
import { Person, type Place } from './state/person';

const only = (...places: Place[]): CanActivateFn => (_route, state) => {
  const person = inject(Person);
  const place = person.place();
  if (place && places.includes(place)) return true;
  if (!person.session()) person.rememberPlace(state.url);
  return inject(Router).parseUrl(person.session() ? '/waiting' : '/sign-in');
};
/** Nobody signs in over an open session: who was there before would be left open. */
const onlyLocked: CanActivateFn = () => {
  const person = inject(Person);
  return person.session() ? inject(Router).parseUrl(person.home()) : true;
};

const chartPages: Routes = [
  { path: 'summary', title: $localize`Summary`, loadComponent: () => import('./chart/summary').then((m) => m.SummaryPage) },
  { path: 'timeline', title: $localize`Timeline`, loadComponent: () => import('./chart/timeline').then((m) => m.TimelinePage) },
  { path: 'documents', title: $localize`Documents`, loadComponent: () => import('./chart/documents').then((m) => m.DocumentsPage) },
  { path: 'record/:record', title: $localize`Record`, loadComponent: () => import('./chart/record').then((m) => m.RecordPage) },
];

export const routes: Routes = [
  { path: '', pathMatch: 'full', title: $localize`Welcome`, loadComponent: () => import('./enter/welcome').then((m) => m.WelcomePage) },
  { path: 'sign-in', title: $localize`Sign in`, canActivate: [onlyLocked], loadComponent: () => import('./enter/sign-in').then((m) => m.SignInPage) },
  { path: 'sign-up', title: $localize`New here`, canActivate: [onlyLocked], loadComponent: () => import('./enter/sign-up').then((m) => m.SignUpPage) },
  { path: 'waiting', title: $localize`Waiting`, loadComponent: () => import('./enter/waiting').then((m) => m.WaitingPage) },
  { path: 'settings', title: $localize`Settings`, canActivate: [only('patient', 'physician', 'administrator')], loadComponent: () => import('./settings/settings').then((m) => m.SettingsPage) },
  { path: 'sharing', title: $localize`Sharing`, canActivate: [only('patient')], loadComponent: () => import('./share/sharing').then((m) => m.SharingPage) },
  { path: 'activity', title: $localize`Activity`, canActivate: [only('patient')], loadComponent: () => import('./share/activity').then((m) => m.ActivityPage) },
  { path: 'patients', title: $localize`Patients`, canActivate: [only('physician')], loadComponent: () => import('./people/patients').then((m) => m.PatientsPage) },
  { path: 'requests', title: $localize`Requests`, canActivate: [only('physician')], loadComponent: () => import('./people/requests').then((m) => m.RequestsPage) },
  { path: 'people', title: $localize`People`, canActivate: [only('administrator')], loadComponent: () => import('./admin/accounts').then((m) => m.AccountsPage) },
  { path: 'organisations', title: $localize`Organisations`, canActivate: [only('administrator')], data: { organisations: true }, loadComponent: () => import('./admin/accounts').then((m) => m.AccountsPage) },
  { path: 'contract', title: $localize`Contract`, canActivate: [only('administrator')], loadComponent: () => import('./admin/contract').then((m) => m.ContractPage) },
  { path: 'node', title: $localize`Node`, canActivate: [only('administrator')], loadComponent: () => import('./admin/node').then((m) => m.NodePage) },
  { path: 'chart/:folder', canActivate: [only('physician')], loadComponent: () => import('./chart/chart').then((m) => m.ChartShell), children: [{ path: '', pathMatch: 'full', redirectTo: 'summary' }, ...chartPages] },
  { path: '', canActivate: [only('patient')], loadComponent: () => import('./chart/chart').then((m) => m.ChartShell), children: chartPages },
  { path: '**', redirectTo: '' },
];
