package main

import (
	"context"
	"net/http"
	"sort"
	"sync"
	"sync/atomic"
	"time"

	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
)

const concurrency = 8

// sites gives each Site its three children, and says in its status that they are there.
type sites struct {
	client.Client
	scheme     *runtime.Scheme
	reconciles atomic.Int64
	conflicts  atomic.Int64
	// When the touch came that has not been reconciled since, by the object.
	touches sync.Map
	delays  delays
}

func (s *sites) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	s.reconciles.Add(1)
	if came, ok := s.touches.LoadAndDelete(request.NamespacedName); ok {
		s.delays.add(time.Since(came.(time.Time)))
	}
	err := s.reconcile(ctx, request)
	if apierrors.IsConflict(err) || apierrors.IsAlreadyExists(err) {
		s.conflicts.Add(1)
	}
	return ctrl.Result{}, err
}

func (s *sites) reconcile(ctx context.Context, request ctrl.Request) error {
	site := &Site{}
	if err := s.Get(ctx, request.NamespacedName, site); err != nil {
		return client.IgnoreNotFound(err)
	}
	meta := metav1.ObjectMeta{Namespace: site.Namespace, Name: site.Name}
	text, account, service := &core.ConfigMap{ObjectMeta: meta}, &core.ServiceAccount{ObjectMeta: meta}, &core.Service{ObjectMeta: meta}
	children := []struct {
		object client.Object
		fill   func()
	}{
		{text, func() { text.Data = map[string]string{"text": site.Spec.Text} }},
		{account, func() { account.Labels = map[string]string{"site": site.Name} }},
		{service, func() {
			service.Spec.Ports = []core.ServicePort{{Name: "http", Port: 80, Protocol: core.ProtocolTCP, TargetPort: intstr.FromInt32(8080)}}
		}},
	}
	for _, child := range children {
		_, err := controllerutil.CreateOrUpdate(ctx, s.Client, child.object, func() error {
			child.fill()
			return controllerutil.SetControllerReference(site, child.object, s.scheme)
		})
		if err != nil {
			return err
		}
	}
	return s.report(ctx, site)
}

func (s *sites) report(ctx context.Context, site *Site) error {
	before := site.DeepCopyObject().(*Site)
	changed := meta.SetStatusCondition(&site.Status.Conditions, metav1.Condition{
		Type: "Ready", Status: metav1.ConditionTrue, Reason: "Served", Message: "served", ObservedGeneration: site.Generation,
	})
	if !changed && site.Status.ObservedGeneration == site.Generation {
		return nil
	}
	site.Status.ObservedGeneration = site.Generation
	return s.Status().Patch(ctx, site, client.MergeFrom(before))
}

// note remembers when an object was touched, the first time since its last reconcile.
func (s *sites) note(update event.UpdateEvent) bool {
	if update.ObjectOld.GetLabels()["touch"] != update.ObjectNew.GetLabels()["touch"] {
		s.touches.LoadOrStore(client.ObjectKeyFromObject(update.ObjectNew), time.Now())
	}
	return true
}

// reconcileAll runs the operator until standard input ends. To "report" it answers with what it has done since the last time.
func reconcileAll(config *rest.Config) {
	scheme := newScheme()
	writes := &atomic.Int64{}
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return &countingTransport{next, writes} })
	manager := newManager(config, ctrl.Options{Scheme: scheme, Metrics: server.Options{BindAddress: "0"}})
	s := &sites{Client: manager.GetClient(), scheme: scheme}
	noting := predicate.Funcs{UpdateFunc: s.note}
	check(ctrl.NewControllerManagedBy(manager).
		For(&Site{}, builder.WithPredicates(noting)).Owns(&core.ConfigMap{}).Owns(&core.ServiceAccount{}).Owns(&core.Service{}).
		WithOptions(controller.Options{MaxConcurrentReconciles: concurrency}).Complete(s))
	ctx := context.Background()
	// Known before the start, or there would be nothing to wait for.
	for _, kind := range []client.Object{&Site{}, &core.ConfigMap{}, &core.ServiceAccount{}, &core.Service{}} {
		_, err := manager.GetCache().GetInformer(ctx, kind)
		check(err)
	}
	go func() { check(manager.Start(ctx)) }()
	if !manager.GetCache().WaitForCacheSync(ctx) {
		return
	}
	say(map[string]any{"state": "ready", "ms": time.Since(started).Seconds() * 1000, "cpuMs": cpuMs()})
	onLine(func(string) {
		say(map[string]any{
			"cpuMs": cpuMs(), "rssBytes": rssBytes(), "delaysMs": s.delays.take(), "writes": writes.Swap(0),
			"reconciles": s.reconciles.Swap(0), "conflicts": s.conflicts.Swap(0),
		})
	})
}

type countingTransport struct {
	next   http.RoundTripper
	writes *atomic.Int64
}

func (t *countingTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Method != http.MethodGet {
		t.writes.Add(1)
	}
	return t.next.RoundTrip(request)
}

// delays are times from an event to the reconcile of its object.
type delays struct {
	mutex sync.Mutex
	ms    []float64
}

func (d *delays) add(delay time.Duration) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.ms = append(d.ms, delay.Seconds()*1000)
}

func (d *delays) take() map[string]any {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	ms := d.ms
	d.ms = nil
	sort.Float64s(ms)
	if len(ms) == 0 {
		return map[string]any{"count": 0}
	}
	return map[string]any{"count": len(ms), "p50": ms[len(ms)/2], "p99": ms[len(ms)*99/100]}
}
