// A lumberjack server made of github.com/elastic/go-lumber, as an independent check of our writer: prints its port, then
// every event as one JSON line, and acknowledges each batch. With a certificate and a key it speaks TLS.
//
//	server [CERT KEY]
package main

import (
	"bufio"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"log"
	"net"
	"os"

	"github.com/elastic/go-lumber/server"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	if len(os.Args) == 3 {
		pair, err := tls.LoadX509KeyPair(os.Args[1], os.Args[2])
		if err != nil {
			log.Fatal(err)
		}
		listener = tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{pair}})
	}
	s, err := server.NewWithListener(listener, server.V2(true))
	if err != nil {
		log.Fatal(err)
	}
	out := bufio.NewWriter(os.Stdout)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for batch := range s.ReceiveChan() {
		for _, event := range batch.Events {
			if err := encoder.Encode(event); err != nil {
				log.Fatal(err)
			}
		}
		if err := out.Flush(); err != nil {
			log.Fatal(err)
		}
		batch.ACK()
	}
}
