package main

import (
	"context"
	"os"
	"runtime"
	"time"

	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// fillCache fills a cache of Samples. "stripped" as a further argument: without managedFields.
func fillCache(config *rest.Config) {
	options := cache.Options{Scheme: newScheme()}
	if len(os.Args) > 2 && os.Args[2] == "stripped" {
		options.DefaultTransform = cache.TransformStripManagedFields()
	}
	samples, err := cache.New(config, options)
	check(err)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	heapBefore, rssBefore := memory()
	cpuBefore := cpuMs()
	begin := time.Now()
	go func() { check(samples.Start(ctx)) }()
	informer, err := samples.GetInformer(ctx, &Sample{}, cache.BlockUntilSynced(true))
	check(err)
	for !informer.HasSynced() {
		time.Sleep(time.Millisecond)
	}
	ms := time.Since(begin).Seconds() * 1000
	cpu := cpuMs() - cpuBefore
	list := &SampleList{}
	check(samples.List(ctx, list, client.UnsafeDisableDeepCopy))
	count := len(list.Items)
	list = nil
	heap, rss := memory()
	say(map[string]any{
		"ms": ms, "cpuMs": cpu, "count": count, "heapBytes": heap - heapBefore, "rssBytes": rss - rssBefore,
	})
	runtime.KeepAlive(samples)
}
