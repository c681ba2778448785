// A server for the transport's benchmark, in Go since API servers are: net/http, TLS, HTTP/1.1 and HTTP/2.
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"strings"
	"time"
)

// How many events a watch brings.
const changes = 500

var secret = fmt.Sprintf(`{"apiVersion":"v1","kind":"Secret","metadata":{"name":"watched","namespace":"default",`+
	`"uid":"u","resourceVersion":"1"},"data":{"text":"%s"}}`, strings.Repeat("eHh4", 600))

func main() {
	certificate := selfSigned()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	server := &http.Server{
		Handler:   http.HandlerFunc(serve),
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}},
		// That clients hang up is no error here.
		ErrorLog: log.New(io.Discard, "", 0),
	}
	fmt.Printf("{\"url\":\"https://%s\"}\n", listener.Addr())
	check(server.ServeTLS(listener, "", ""))
}

func serve(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	w.Header().Set("content-type", "application/json")
	if r.URL.Query().Get("watch") == "" {
		_, _ = io.WriteString(w, secret)
		return
	}
	flusher := w.(http.Flusher)
	event := "{\"type\":\"MODIFIED\",\"object\":" + secret + "}\n"
	for change := 0; change < changes; change++ {
		// Each for itself, as they come in life.
		time.Sleep(2 * time.Millisecond)
		_, _ = io.WriteString(w, event)
		flusher.Flush()
	}
	<-r.Context().Done()
}

func selfSigned() tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(err)
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		NotAfter:              time.Now().Add(time.Hour),
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	check(err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
